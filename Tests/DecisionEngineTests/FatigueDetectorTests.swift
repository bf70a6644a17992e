import DecisionEngine
import TestKit
import Testing

@Suite struct FatigueDetectorTests {
  /// Days of 1,000 impressions, 50 clicks and a spend of 10 that a test changes where it looks.
  private static func days(_ count: Int, growing: Bool = true) -> [DeliveryDay] {
    (0..<count).map { index in
      let scale = growing ? 1 + index : 1
      return DeliveryDay(impressions: 1_000 * scale, clicks: 50 * scale, spend: 10 * Double(scale), frequency: 1.5)
    }
  }

  private static func rule(_ days: [DeliveryDay]) -> FatigueReport.Rule {
    FatigueDetector.report(on: days).rule
  }

  /// Three days, the first and last of which have these clicks of 1,000 impressions.
  @Test(
    arguments: [
      (50, 50, .noSign), (50, 41, .noSign), (50, 40, .noSign), (50, 39, .ctrDecline), (50, 0, .ctrDecline),
      (50, 90, .noSign), (0, 0, .noSign), (0, 50, .noSign), (10, 8, .noSign), (10, 7, .ctrDecline), (1, 1, .noSign),
      (1, 0, .ctrDecline),
    ] as [(Int, Int, FatigueReport.Rule)])
  func aFallOfCTROver20PercentIsFatigue(before: Int, now: Int, rule: FatigueReport.Rule) {
    let report = FatigueDetector.report(on: [
      DeliveryDay(impressions: 1_000, clicks: before, spend: 10, frequency: nil),
      DeliveryDay(impressions: 1_000, clicks: 999, spend: 10, frequency: nil),
      DeliveryDay(impressions: 1_000, clicks: now, spend: 10, frequency: nil),
    ])
    #expect(report.rule == rule)
    if before > 0 {
      #expect(agrees(report.ctrChange ?? .nan, Double(now - before) / Double(before)))
    } else {
      #expect(report.ctrChange == nil)
    }
  }

  /// A fall of exactly a fifth is not over a fifth, however binary rounds the two rates.
  @Test func exactly20PercentIsNeverOver() {
    var wrong: [Int] = []
    for clicks in stride(from: 5, through: 5_000, by: 5) {
      var days = Self.days(3)
      days[0] = DeliveryDay(impressions: 7_919, clicks: clicks, spend: 79.19, frequency: nil)
      days[2] = DeliveryDay(impressions: 7_919, clicks: clicks / 5 * 4, spend: 79.19, frequency: nil)
      if Self.rule(days) != .noSign { wrong.append(clicks) }
      days[2] = DeliveryDay(impressions: 7_919, clicks: clicks / 5 * 4 - 1, spend: 79.19, frequency: nil)
      if Self.rule(days) != .ctrDecline { wrong.append(-clicks) }
    }
    #expect(wrong.isEmpty)
  }

  @Test(
    arguments: [
      (nil, .noSign), (0, .noSign), (3.49, .noSign), (3.5, .noSign), (3.500_001, .highFrequency), (9, .highFrequency),
    ] as [(Double?, FatigueReport.Rule)])
  func aFrequencyOver3Point5IsSaturation(frequency: Double?, rule: FatigueReport.Rule) {
    var days = Self.days(3)
    days[0] = DeliveryDay(impressions: 1_000, clicks: 50, spend: 10, frequency: 9)
    days[2] = DeliveryDay(impressions: 1_000, clicks: 50, spend: 10, frequency: frequency)
    let report = FatigueDetector.report(on: days)
    #expect(report.rule == rule)
    #expect(report.frequency == frequency)
  }

  @Test(
    arguments: [
      (10, 10, .noSign), (10, 14.99, .noSign), (10, 15, .noSign), (10, 15.01, .cpmSpike), (10, 5, .noSign),
      (0, 100, .noSign), (0, 0, .noSign), (0.02, 0.03, .noSign), (0.02, 0.04, .cpmSpike),
    ] as [(Double, Double, FatigueReport.Rule)])
  func aRiseOfCPMOver50PercentIsExhaustion(before: Double, now: Double, rule: FatigueReport.Rule) {
    var days = Self.days(3)
    days[0] = DeliveryDay(impressions: 1_000, clicks: 50, spend: before, frequency: 1)
    days[2] = DeliveryDay(impressions: 1_000, clicks: 50, spend: now, frequency: 1)
    let report = FatigueDetector.report(on: days)
    #expect(report.rule == rule)
    #expect((report.cpmChange == nil) == (before == 0))
  }

  @Test func exactly50PercentIsNeverOver() {
    var wrong: [Int] = []
    for cents in stride(from: 2, through: 4_000, by: 2) {
      var days = Self.days(3)
      days[0] = DeliveryDay(impressions: 7_919, clicks: 80, spend: Double(cents) / 100, frequency: nil)
      days[2] = DeliveryDay(impressions: 7_919, clicks: 80, spend: Double(cents / 2 * 3) / 100, frequency: nil)
      if Self.rule(days) != .noSign { wrong.append(cents) }
      days[2] = DeliveryDay(impressions: 7_919, clicks: 80, spend: Double(cents / 2 * 3 + 1) / 100, frequency: nil)
      if Self.rule(days) != .cpmSpike { wrong.append(-cents) }
    }
    #expect(wrong.isEmpty)
  }

  /// Impressions of the first of seven days and of the last.
  @Test(
    arguments: [
      (1_000, 1_000, .stalledGrowth), (1_000, 1_099, .stalledGrowth), (1_000, 1_100, .noSign), (1_000, 1_101, .noSign),
      (1_000, 500, .stalledGrowth), (0, 1_000, .noSign), (30, 33, .noSign), (30, 32, .stalledGrowth),
      (1, 1, .stalledGrowth),
      (1_000, 0, .ctrDecline),
    ] as [(Int, Int, FatigueReport.Rule)])
  func growthUnder10PercentIsFatigue(first: Int, last: Int, rule: FatigueReport.Rule) {
    var days = Self.days(7, growing: false)
    days[0] = DeliveryDay(impressions: first, clicks: 0, spend: 1, frequency: 1)
    days[6] = DeliveryDay(impressions: last, clicks: last, spend: Double(last) / 100, frequency: 1)
    let report = FatigueDetector.report(on: days)
    #expect(report.rule == rule)
    #expect((report.impressionGrowth == nil) == (first == 0))
  }

  @Test func growthNeedsSevenDays() {
    #expect(Self.rule(Self.days(6, growing: false)) == .noSign)
    #expect(FatigueDetector.report(on: Self.days(6, growing: false)).impressionGrowth == nil)
    #expect(Self.rule(Self.days(7, growing: false)) == .stalledGrowth)
    #expect(FatigueDetector.report(on: Self.days(7, growing: false)).impressionGrowth == 0)
  }

  /// Only the last seven rows count: the eighth from the end is out of sight.
  @Test func growthLooksAtTheSeventhRowFromTheEnd() {
    var days = Self.days(8, growing: false)
    days[0] = DeliveryDay(impressions: 10, clicks: 1, spend: 0.1, frequency: 1)
    #expect(Self.rule(days) == .stalledGrowth)
    days[1] = DeliveryDay(impressions: 900, clicks: 45, spend: 9, frequency: 1)
    #expect(Self.rule(days) == .noSign)
  }

  @Test func declineLooksAtTheThirdRowFromTheEnd() {
    var days = Self.days(4)
    days[0] = DeliveryDay(impressions: 1_000, clicks: 900, spend: 0.01, frequency: 1)
    #expect(Self.rule(days) == .noSign)
    days[1] = DeliveryDay(impressions: 1_000, clicks: 900, spend: 10, frequency: 1)
    #expect(Self.rule(days) == .ctrDecline)
  }

  @Test(arguments: 0...2)
  func fewerThanThreeDaysTellNothing(count: Int) {
    let bad = (0..<count).map { DeliveryDay(impressions: 1_000, clicks: 100 - 90 * $0, spend: 10, frequency: 9) }
    let report = FatigueDetector.report(on: bad)
    #expect(report.rule == .tooFewDays)
    #expect(report.status == .healthy)
    #expect(report.level == .none)
    #expect(report.days == count)
    #expect(report.frequency == (count == 0 ? nil : 9))
    #expect(report.ctrChange == nil && report.cpmChange == nil && report.impressionGrowth == nil)
  }

  /// All four signs at once, then one fewer each time.
  @Test func theFirstRuleDecides() {
    func last(clicks: Int, frequency: Double, spend: Double) -> [DeliveryDay] {
      Self.days(6, growing: false)
        + [DeliveryDay(impressions: 1_000, clicks: clicks, spend: spend, frequency: frequency)]
    }
    #expect(Self.rule(last(clicks: 1, frequency: 9, spend: 100)) == .ctrDecline)
    #expect(Self.rule(last(clicks: 50, frequency: 9, spend: 100)) == .highFrequency)
    #expect(Self.rule(last(clicks: 50, frequency: 1, spend: 100)) == .cpmSpike)
    #expect(Self.rule(last(clicks: 50, frequency: 1, spend: 10)) == .stalledGrowth)
    #expect(Self.rule(Self.days(7)) == .noSign)
  }

  @Test func daysWithoutImpressionsDivideByNothing() {
    let empty = DeliveryDay(impressions: 0, clicks: 0, spend: 0, frequency: nil)
    #expect(empty.ctr == 0)
    #expect(empty.cpm == 0)
    let nothing = FatigueDetector.report(on: Array(repeating: empty, count: 7))
    #expect(nothing.rule == .noSign)
    #expect(nothing.ctrChange == nil && nothing.cpmChange == nil && nothing.impressionGrowth == nil)
    let stopped = FatigueDetector.report(on: Self.days(2) + [empty])
    #expect(stopped.rule == .ctrDecline)
    #expect(stopped.ctrChange == -1)
    #expect(stopped.cpmChange == -1)
  }

  @Test(
    arguments: [
      ([1, 1, 1], FatigueReport.Rule.ctrDecline, FatigueStatus.fatiguing, "FATIGUING", FatigueLevel.warning),
      ([50, 9, 1], .highFrequency, .saturated, "SATURATED", .warning),
      ([50, 1, 9], .cpmSpike, .audienceExhausted, "AUDIENCE_EXHAUSTED", .critical),
      ([50, 1, 1], .stalledGrowth, .fatiguing, "FATIGUING", .warning),
    ] as [([Int], FatigueReport.Rule, FatigueStatus, String, FatigueLevel)])
  func aRuleHasAStatusAndALevel(
    last: [Int], rule: FatigueReport.Rule, status: FatigueStatus, name: String, level: FatigueLevel
  ) {
    let day = DeliveryDay(
      impressions: 1_000, clicks: last[0], spend: 10 * Double(last[2]), frequency: Double(last[1]))
    let report = FatigueDetector.report(on: Self.days(6, growing: false) + [day])
    #expect(report.rule == rule)
    #expect(report.status == status)
    #expect(report.status.rawValue == name)
    #expect(report.level == level)
    #expect(report.days == 7)
  }

  @Test func noSignIsHealthy() {
    let report = FatigueDetector.report(on: Self.days(7))
    #expect(report.status == .healthy)
    #expect(report.status.rawValue == "HEALTHY")
    #expect(report.level == .none)
  }
}
