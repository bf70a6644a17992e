import Foundation
import TestKit
import Testing
import Values

@testable import DecisionEngine

/// A made-up ad: so many clicks a day at first, whose rate goes from day to day and over the window as told.
struct ClickSeries: Sendable, CustomTestStringConvertible {
  /// Clicks to expect of a day.
  var level: Double
  /// How far the rate of single days scatters, as the deviation of its logarithm.
  var scatter = 0.0
  /// How far the days of the week differ from the mean, as a share of it.
  var week = 0.0
  /// How alike neighbouring days are.
  var correlation = 0.0
  /// Fall of the rate over the window, as a share.
  var fall = 0.0
  /// Change of the logarithm of impressions over the window.
  var growth = 0.0

  var testDescription: String {
    "\(level) clicks, scatter \(scatter), week \(week), correlation \(correlation), fall \(fall), growth \(growth)"
  }

  func days(_ count: Int = 28, _ random: inout RandomStream) -> [DeliveryDay] {
    var noise = random.nextNormal()
    let firstWeekday = Int.random(in: 0..<7, using: &random)
    return (0..<count).map { index in
      let time = Double(index) / Double(count - 1)
      noise = correlation * noise + (1 - correlation * correlation).squareRoot() * random.nextNormal()
      let impressions = 10_000 * exp(growth * (time - 0.5) + 0.3 * random.nextNormal())
      let weekday = 1 + week * sin(2 * .pi * Double((index + firstWeekday) % 7) / 7)
      let rate = level / 10_000 * weekday * exp(scatter * noise - scatter * scatter / 2) * (1 - fall * time)
      let clicks = random.poisson(impressions * rate)
      return DeliveryDay(
        impressions: max(Int(clamping: impressions), clicks), clicks: clicks, spend: 10, frequency: nil,
        day: CalendarDay(daysSinceEpoch: 20_000 + index))
    }
  }

  /// Which share of many such ads is said to decline, each judged alone.
  func alarms(of count: Int, days: Int = 28) -> Double {
    var random = RandomStream(seed: 7, name: testDescription)
    let found = (0..<count).count { _ in
      FatigueTrend.declines([FatigueTrend.of(self.days(days, &random))]) == [true]
    }
    return Double(found) / Double(count)
  }
}

extension RandomStream {
  /// A Poisson number: arrivals are skipped by the time that many of them take, while there are many to come.
  mutating func poisson(_ mean: Double) -> Int {
    var (left, count) = (mean, 0)
    while left > 16 {
      let step = Int(clamping: left / 2)
      let time = nextGamma(shape: Double(step))
      guard time < left else {
        return count + (1..<step).count { _ in nextUniform() < left / time }
      }
      count += step
      left -= time
    }
    var product = nextUniform()
    while product > exp(-left) {
      count += 1
      product *= nextUniform()
    }
    return count
  }
}

@Suite("Trends of CTR")
struct FatigueTrendTests {
  @Test(
    "Ads whose CTR stays the same are called declining in at most 5 of 100 looks",
    arguments: ([1, 10, 300] as [Double]).flatMap { level in
      [
        ClickSeries(level: level), ClickSeries(level: level, scatter: 0.6),
        ClickSeries(level: level, scatter: 0.6, growth: -2), ClickSeries(level: level, scatter: 0.6, week: 0.6),
        ClickSeries(level: level, scatter: 0.6, correlation: 0.1),
      ]
    })
  func flat(series: ClickSeries) {
    #expect(series.alarms(of: 1_200) <= 0.05)
    #expect(series.alarms(of: 600, days: 21) <= 0.05)
  }

  @Test("The pattern of a week alone is no trend, however strong and whatever day the window ends on")
  func week() throws {
    for length in 21...28 {
      let days = (0..<length).map { index in
        DeliveryDay(
          impressions: 100_000, clicks: [2_000, 1_900, 1_500, 1_200, 900, 300, 200][index % 7], spend: 10,
          frequency: nil, day: CalendarDay(daysSinceEpoch: 20_000 + index))
      }
      let trend = try #require(FatigueTrend.of(days))
      #expect(abs(trend.change) < 1e-9)
      #expect(abs(trend.pValue - 0.5) < 1e-6)
    }
  }

  @Test("Falls are found: the larger, the more clicks and the less scatter, the surer")
  func falls() {
    #expect(ClickSeries(level: 100, scatter: 0.3, week: 0.3, fall: 0.7).alarms(of: 200) > 0.95)
    #expect(ClickSeries(level: 100, scatter: 0.3, week: 0.3, fall: 0.5).alarms(of: 200) > 0.7)
    #expect(ClickSeries(level: 10, scatter: 0.3, week: 0.3, fall: 0.7).alarms(of: 200) > 0.75)
    #expect(ClickSeries(level: 100, scatter: 0.6, week: 0.3, fall: 0.7).alarms(of: 200) > 0.6)
    #expect(ClickSeries(level: 100, scatter: 0.3, fall: -1).alarms(of: 200) == 0)
  }

  @Test("A fall of less than a fifth is none, however certain")
  func smallFalls() {
    #expect(ClickSeries(level: 1_000, fall: 0.15).alarms(of: 20) == 0)
    #expect(ClickSeries(level: 1_000, fall: 0.25).alarms(of: 20) == 1)
  }

  @Test(
    "Among many ads at most one in twenty of those named is named by chance, and none for the most part if none falls")
  func manyAds() {
    var random = RandomStream(seed: 11, name: "many")
    let flat = ClickSeries(level: 30, scatter: 0.5, week: 0.3)
    let falling = ClickSeries(level: 300, scatter: 0.3, week: 0.3, fall: 0.8)
    var (accountsWithAlarms, found, wrong) = (0, 0, 0)
    for _ in 0..<60 {
      let ads = (0..<100).map { _ in FatigueTrend.of(flat.days(28, &random)) }
      if FatigueTrend.declines(ads).contains(true) { accountsWithAlarms += 1 }
      let mixed = (0..<20).map { _ in FatigueTrend.of(falling.days(28, &random)) } + ads
      let named = FatigueTrend.declines(mixed)
      found += named.prefix(20).count { $0 }
      wrong += named.dropFirst(20).count { $0 }
    }
    #expect(accountsWithAlarms <= 3)
    #expect(found > 60 * 20 * 8 / 10)
    #expect(Double(wrong) <= 0.05 * Double(found + wrong))
  }

  @Test(
    "Too few days or clicks tell nothing; days without a date, out of the window or without impressions do not count")
  func tooLittle() throws {
    var random = RandomStream(seed: 3)
    let days = ClickSeries(level: 100).days(28, &random)
    #expect(FatigueTrend.of([]) == nil)
    #expect(FatigueTrend.of(Array(days.suffix(20))) == nil)
    #expect(FatigueTrend.of(Array(days.suffix(21)))?.days == 21)
    let trend = try #require(FatigueTrend.of(days))
    let old = (0..<5).map {
      DeliveryDay(
        impressions: 10, clicks: 10, spend: 0, frequency: nil, day: CalendarDay(daysSinceEpoch: 19_990 + $0))
    }
    let empty = DeliveryDay(
      impressions: 0, clicks: 0, spend: 0, frequency: nil, day: CalendarDay(daysSinceEpoch: 20_000))
    let undated = DeliveryDay(impressions: 10, clicks: 10, spend: 0, frequency: nil)
    #expect(FatigueTrend.of(old + [undated, empty] + days) == trend)
    let rare = days.map { DeliveryDay(impressions: 1, clicks: 0, spend: 0, frequency: nil, day: $0.day) }
    #expect(FatigueTrend.of(rare) == nil)
  }

  @Test("Figures of any magnitude give a chance and finite rates", arguments: UInt64(0)..<20)
  func magnitudes(seed: UInt64) {
    var random = RandomStream(seed: seed, name: "magnitudes")
    for _ in 0..<50 {
      let start = random.pick([0, .min, .max - 28, 20_000])
      let days = (0..<28).map { index in
        DeliveryDay(
          impressions: random.pick([0, 1, 7, 1_000, 1_000_000_000_000, .max, -5]),
          clicks: random.pick([0, 1, 900, 1_000_000_000_000, .max, .min]), spend: 0, frequency: nil,
          day: CalendarDay(daysSinceEpoch: start + index))
      }
      guard let trend = FatigueTrend.of(days) else { continue }
      #expect((0...1).contains(trend.pValue))
      #expect(trend.startCTR >= 0 && trend.endCTR >= 0 && trend.startCTR.isFinite && trend.endCTR.isFinite)
      #expect(trend.change >= -1 && trend.change.isFinite && trend.scatter.isFinite)
      _ = AdWear.judge([days]).map(\.level)
    }
  }

  @Test("Findings among many tests are as Benjamini and Hochberg have them")
  func falseDiscovery() {
    #expect(FalseDiscovery.found([], rate: 0.05) == [])
    #expect(FalseDiscovery.found([nil, 0.05, nil], rate: 0.05) == [false, true, false])
    #expect(FalseDiscovery.found([0.04, 0.9, nil, 0.03], rate: 0.05) == [false, false, false, false])
    // The second is over its own line (0.025), and is found on account of the third, which is under its (0.0375).
    #expect(FalseDiscovery.found([0.01, 0.03, 0.037, 0.5], rate: 0.05) == [true, true, true, false])
    // The example of their paper: 15 tests, four of which find something.
    let paper = [
      0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590,
      1,
    ]
    #expect(FalseDiscovery.found(paper, rate: 0.05) == paper.map { $0 <= 0.0095 })
  }

  @Test(
    "Student's t is as SciPy has it",
    arguments: [
      (-2.5, 6, 0.0232641161421), (-1, 10, 0.170446566151), (-6, 13, 2.2230022235e-05), (0.3, 13, 0.615539798121),
      (3, 20, 0.996462050604), (-12, 20, 6.79777851294e-11), (0, 13, 0.5), (-.infinity, 13, 0), (.infinity, 13, 1),
      (-1e200, 13, 0),
    ] as [(Double, Double, Double)])
  func student(x: Double, freedom: Double, chance: Double) {
    #expect(abs(PortableMath.studentCDF(x, freedom: freedom) - chance) <= 4e-8)
  }
}
