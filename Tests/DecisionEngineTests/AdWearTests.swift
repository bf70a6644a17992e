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

  @Test("What a rule finds counts where the last day is outside of the range of the others")
  func range() {
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
