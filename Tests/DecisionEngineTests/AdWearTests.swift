import DecisionEngine
import TestKit
import Testing
import Values

@Suite("Wear that is worth a remedy")
struct AdWearTests {
  /// Two weeks of 1,000 impressions and a spend of 10 with clicks of 40 and 50 in turns; a test changes the last day.
  private static func wear(
    impressions: Int = 1_000, clicks: Int = 45, spend: Double = 10, frequency: Double? = nil, count: Int = 14
  ) -> AdWear {
    var days = (1..<count).map {
      DeliveryDay(impressions: 1_000, clicks: $0.isMultiple(of: 2) ? 40 : 55, spend: 10, frequency: nil)
    }
    days.append(DeliveryDay(impressions: impressions, clicks: clicks, spend: spend, frequency: frequency))
    return AdWear.judge([days])[0]
  }

  @Test("What a rule finds counts where the last day stands out from the ups and downs of the others")
  func standsOut() {
    // 55 three days ago and 40 now: a fall of more than a fifth, as on every other day.
    let usual = Self.wear(clicks: 40, count: 15)
    #expect(usual.report.rule == .ctrDecline)
    #expect(usual.isOrdinary)
    #expect(usual.level == .none)
    let low = Self.wear(clicks: 30)
    #expect(low.report.rule == .ctrDecline)
    #expect(low.level == .warning)
    let dear = Self.wear(impressions: 1_200, clicks: 60, spend: 24)
    #expect(dear.report.rule == .cpmSpike)
    #expect(dear.level == .critical)
    let few = Self.wear(impressions: 900, clicks: 45)
    #expect(few.report.rule == .stalledGrowth)
    #expect(few.level == .warning)
    #expect(Self.wear(impressions: 1_000, clicks: 45).level == .none)
    #expect(Self.wear(impressions: 1_200, clicks: 60, frequency: 3.6).level == .warning)
  }

  @Test("Three days tell little: a last day that stands out must do so by far")
  func threeDays() {
    let wear = { (clicks: [Int]) in
      AdWear.judge([
        clicks.map { DeliveryDay(impressions: 10_000, clicks: $0, spend: 10, frequency: nil) }
      ])[0]
    }
    #expect(wear([500, 440, 350]).report.rule == .ctrDecline)
    #expect(wear([500, 440, 350]).level == .none)
    #expect(wear([500, 495, 100]).level == .warning)
    #expect(wear([500, 0, 100]).level == .none)
    #expect(wear([0, 0, 0]).level == .none)
  }

  @Test("Among many ads that only go up and down, few rules find more than that, however often they find something")
  func manyAds() {
    var random = RandomStream(seed: 5, name: "wear")
    let series = ClickSeries(level: 30, scatter: 0.5, week: 0.3)
    var (findings, accountsWithAlarms) = (0, 0)
    for _ in 0..<60 {
      let wear = AdWear.judge((0..<50).map { _ in series.days(28, &random) })
      findings += wear.count { $0.report.level != .none }
      if wear.contains(where: { $0.report.level != .none && !$0.isOrdinary }) { accountsWithAlarms += 1 }
    }
    #expect(findings > 60 * 50 / 2)
    #expect(accountsWithAlarms <= 5)
  }

  @Test("A decline is a warning even where the rules find nothing, and too few days are none")
  func decline() {
    let days = (0..<28).map { (index: Int) -> DeliveryDay in
      let scale = 1 + index
      let clicks = 500 * scale * (40 - index) / 40
      return DeliveryDay(
        impressions: 10_000 * scale, clicks: clicks, spend: 10 * Double(scale), frequency: nil,
        day: CalendarDay(daysSinceEpoch: 20_000 + index))
    }
    let wear = AdWear.judge([days, Array(days.prefix(2)), []])
    #expect(wear[0].report.rule == .noSign)
    #expect(wear[0].isDeclining)
    #expect(wear.map(\.level) == [.warning, .none, .none])
    #expect(wear.map { $0.trend == nil } == [false, true, true])
  }
}
