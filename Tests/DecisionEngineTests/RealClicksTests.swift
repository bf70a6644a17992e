import Foundation
import TestKit
import Testing
import Values

@testable import DecisionEngine

/// Trends in the figures of real campaigns, each judged on every day on which there were enough.
@Suite("Trends of real campaigns", .needsSharedData)
struct RealClicksTests {
  /// A campaign's days with impressions, oldest first.
  private let days: [String: [DeliveryDay]]

  init() throws {
    let file = try #require(SharedData.file("data/meta/facebook_ads_daily_by_campaign.csv"))
    var days: [String: [DeliveryDay]] = [:]
    for line in try String(contentsOf: file, encoding: .utf8).split(whereSeparator: \.isNewline).dropFirst() {
      let cells = line.split(separator: ",", omittingEmptySubsequences: false)
      guard cells.count > 4, let day = CalendarDay(String(cells[0])), let spend = Double(cells[2]),
        let impressions = Int(cells[3]), let clicks = Int(cells[4]), impressions > 0
      else { continue }
      days[String(cells[1]), default: []].append(
        DeliveryDay(impressions: impressions, clicks: clicks, spend: spend, frequency: nil, day: day))
    }
    self.days = days.mapValues { $0.sorted { ($0.day?.daysSinceEpoch ?? 0) < ($1.day?.daysSinceEpoch ?? 0) } }
  }

  /// The looks at a campaign by the number of its days that are known then, where they suffice.
  private func looks(_ campaign: String) throws -> [(known: Int, wear: AdWear)] {
    let days = try #require(days[campaign])
    return (1...days.count).compactMap { known in
      let last = days[known - 1].day?.daysSinceEpoch ?? 0
      let window = days.prefix(known).filter { last - ($0.day?.daysSinceEpoch ?? 0) < FatigueTrend.windowDays }
      let wear = AdWear.judge([Array(window)])[0]
      return wear.trend == nil ? nil : (known, wear)
    }
  }

  @Test("Lookalike, which wanders and does not fall, is called declining in at most 5 of 100 looks")
  func lookalike() throws {
    let looks = try looks("Lookalike")
    #expect(looks.count == 212)
    let alarms = looks.count { $0.wear.isDeclining }
    #expect(Double(alarms) / Double(looks.count) <= 0.05, "\(alarms) of \(looks.count)")
  }

  /// A campaign's fall goes from the highest CTR of a fortnight to the mean of its last four weeks. Half of it has passed
  /// once the CTR of a fortnight is under the middle between the two.
  @Test("Expansion and Hobbies are caught before half of their fall", arguments: ["Expansion", "Hobbies"])
  func falls(campaign: String) throws {
    let days = try #require(days[campaign])
    let rates = (14...days.count).map { known in
      let fortnight = days[known - 14..<known]
      return Double(fortnight.reduce(0) { $0 + $1.clicks }) / Double(fortnight.reduce(0) { $0 + $1.impressions })
    }
    let top = try #require(rates.prefix(28).enumerated().max { $0.element < $1.element })
    let middle = (top.element + rates.suffix(28).reduce(0, +) / 28) / 2
    let half = try #require(rates.indices.first { $0 > top.offset && rates[$0] < middle }) + 14
    let caught = try looks(campaign).filter { $0.wear.isDeclining && $0.known > top.offset + 14 }.map(\.known)
    let first = try #require(caught.first)
    #expect(first < half, "caught on day \(first), half of the fall had passed on day \(half)")
  }

  @Test("The reference rules find something on most days of every campaign; beyond the usual on few")
  func rules() throws {
    for campaign in days.keys.sorted() where campaign != "Brand" {
      let looks = try looks(campaign)
      let count = Double(looks.count)
      #expect(Double(looks.count { $0.wear.report.level != .none }) / count > 0.8)
      #expect(Double(looks.count { !$0.wear.isOrdinary && $0.wear.report.level != .none }) / count < 0.12)
    }
    let flat = try looks("Lookalike")
    #expect(Double(flat.count { !$0.wear.isOrdinary && $0.wear.report.level != .none }) / Double(flat.count) <= 0.05)
  }

  /// Chances, changes and scatters as NumPy and SciPy have them by the same formulas.
  @Test(
    "The figures are those of a second implementation",
    arguments: [
      ("Hobbies", 28, 0.00305943802, -0.615289259, 0.407714711),
      ("Hobbies", 24, 0.0331023929, -0.500795435, 0.416384112),
      ("Expansion", 48, 0.000812949443, -0.85924131, 0.412089223),
      ("Lookalike", 122, 0.00907802175, -0.630355782, 0.465511701),
      ("Lookalike", 200, 0.582694513, 0.0671634121, 0.394430297),
      ("Trendy", 60, 0.661852452, 0.3688993, 0.673029139),
    ] as [(String, Int, Double, Double, Double)])
  func figures(campaign: String, known: Int, chance: Double, change: Double, scatter: Double) throws {
    let trend = try #require(try looks(campaign).first { $0.known == known }?.wear.trend)
    #expect(abs(trend.pValue - chance) < 1e-7)
    #expect(abs(trend.change - change) < 1e-7)
    #expect(abs(trend.scatter - scatter) < 1e-7)
  }
}
