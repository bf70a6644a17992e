import DecisionEngine
import TestKit
import Testing
import Values

@Suite struct JudgementTests {
  /// Mode `pipeline`: spend, pipeline value, hours.
  @Test(
    arguments: [
      // The ignorance zone needs both: under 2 days and under 100 spent.
      (0, 0, 0, .ignoranceZone), (99.99, 0, 47.99, .ignoranceZone), (99.99, 1_000, 47.99, .ignoranceZone),
      (99.99, 0, 48, .tooLittleSpend), (99.99, 0, 48.01, .tooLittleSpend), (100, 0, 47.99, .tooLittleSpend),
      (100, 0, 48, .tooLittleSpend), (100.01, 0, 47.99, .tooLittleSpend), (100, 10_000, 0, .tooLittleSpend),
      // Spend of 200 makes a judgement, at any age.
      (199.99, 0, 1_000, .tooLittleSpend), (199.99, 10_000, 1_000, .tooLittleSpend),
      (200, 0, 1_000, .belowKillThreshold),
      (200, 0, 0, .belowKillThreshold), (200.01, 0, 48, .belowKillThreshold),
      // Under 0.5 kills, over 3 scales.
      (200, 99.99, 72, .belowKillThreshold), (200, 100, 72, .betweenThresholds), (200, 100.01, 72, .betweenThresholds),
      (200, 599.99, 72, .betweenThresholds), (200, 600, 72, .betweenThresholds),
      (200, 600.01, 72, .aboveScaleThreshold),
      (200, 600.01, 0, .aboveScaleThreshold),
    ] as [(Double, Double, Double, Judgement.Rule)])
  func judgesByThePipeline(spend: Double, pipeline: Double, hours: Double, rule: Judgement.Rule) throws {
    // Cash points the other way and must not count.
    let ad = try makeAd(spend: spend, pipeline: pipeline, cash: pipeline > 500 ? 0 : 1e6, hours: hours)
    let judgement = DecisionThresholds().judgement(on: ad)
    #expect(judgement.rule == rule)
    #expect(judgement.mode == .pipeline)
    #expect(agrees(judgement.roas, pipeline / max(spend, 0.01)))
  }

  /// Mode `direct`: spend, cash revenue, hours.
  @Test(
    arguments: [
      (0, 0, 0, .tooLittleSpend), (99.99, 0, 1, .tooLittleSpend), (199.99, 0, 1, .tooLittleSpend),
      (199.99, 10_000, 1, .tooLittleSpend), (200, 0, 1, .belowKillThreshold), (200, 99.99, 1, .belowKillThreshold),
      (200, 100, 1, .betweenThresholds), (200, 100.01, 1, .betweenThresholds), (200, 599.99, 1, .betweenThresholds),
      (200, 600, 1, .betweenThresholds), (200, 600.01, 1, .aboveScaleThreshold),
      (200, 600.01, 9_000, .aboveScaleThreshold),
    ] as [(Double, Double, Double, Judgement.Rule)])
  func judgesByCash(spend: Double, cash: Double, hours: Double, rule: Judgement.Rule) throws {
    let ad = try makeAd(spend: spend, pipeline: cash > 500 ? 0 : 1e6, cash: cash, hours: hours)
    let judgement = DecisionThresholds(mode: .direct).judgement(on: ad)
    #expect(judgement.rule == rule)
    #expect(judgement.mode == .direct)
    #expect(agrees(judgement.roas, cash / max(spend, 0.01)))
  }

  /// A return of exactly 3, or 0.5, is between the thresholds, however binary rounds the quotient of two decimals.
  @Test(arguments: DecisionMode.allCases)
  func exactlyAThresholdIsBetween(mode: DecisionMode) throws {
    let thresholds = DecisionThresholds(mode: mode)
    var wrong: [Int] = []
    for cents in 20_000..<24_000 {
      func rule(_ value: Int) throws -> Judgement.Rule {
        try thresholds.judgement(
          on: makeAd(spend: Double(cents) / 100, pipeline: Double(value) / 100, cash: Double(value) / 100)
        ).rule
      }
      if try rule(cents * 3) != .betweenThresholds { wrong.append(cents) }
      if try rule(cents * 3 + 1) != .aboveScaleThreshold { wrong.append(-cents) }
      if try rule((cents + 1) / 2) != .betweenThresholds { wrong.append(cents) }
      if try rule((cents + 1) / 2 - 1) != .belowKillThreshold { wrong.append(-cents) }
    }
    #expect(wrong.isEmpty)
  }

  /// Where the ignorance zone reaches beyond the least spend, it still comes first, in mode `pipeline` only.
  @Test func theIgnoranceZoneComesFirst() throws {
    let ad = try makeAd(spend: 500, hours: 60)
    #expect(
      DecisionThresholds(ignoranceZoneDays: 3, ignoranceZoneSpend: 501).judgement(on: ad).rule == .ignoranceZone)
    #expect(
      DecisionThresholds(ignoranceZoneDays: 2.5, ignoranceZoneSpend: 501).judgement(on: ad).rule == .belowKillThreshold)
    #expect(
      DecisionThresholds(ignoranceZoneDays: 3, ignoranceZoneSpend: 500).judgement(on: ad).rule == .belowKillThreshold)
    #expect(
      DecisionThresholds(mode: .direct, ignoranceZoneDays: 3, ignoranceZoneSpend: 501).judgement(on: ad).rule
        == .belowKillThreshold)
  }

  @Test func otherThresholdsCount() throws {
    let ad = try makeAd(spend: 50, pipeline: 60, cash: 20, hours: 100)
    #expect(
      DecisionThresholds(minSpendForKill: 50, killROASThreshold: 1.2).judgement(on: ad).rule == .betweenThresholds)
    #expect(
      DecisionThresholds(minSpendForKill: 50, killROASThreshold: 1.21).judgement(on: ad).rule == .belowKillThreshold)
    #expect(
      DecisionThresholds(minSpendForKill: 50, killROASThreshold: 0.1, scaleROASThreshold: 1.19).judgement(on: ad).rule
        == .aboveScaleThreshold)
    #expect(
      DecisionThresholds(mode: .direct, minSpendForKill: 50, killROASThreshold: 0.41).judgement(on: ad).rule
        == .belowKillThreshold)
  }

  @Test func theDefaultsAreTheReference() {
    let thresholds = DecisionThresholds()
    #expect(thresholds.mode == .pipeline)
    #expect(thresholds.ignoranceZoneDays == 2)
    #expect(thresholds.ignoranceZoneSpend == 100)
    #expect(thresholds.minSpendForKill == 200)
    #expect(thresholds.killROASThreshold == 0.5)
    #expect(thresholds.scaleROASThreshold == 3)
  }

  @Test(
    arguments: [
      (0, 0, AdDecision.maintain), (150, 0, .maintain), (300, 0, .kill), (300, 300, .maintain), (300, 901, .scale),
    ] as [(Double, Double, AdDecision)])
  func aRuleMakesADecision(spend: Double, pipeline: Double, decision: AdDecision) throws {
    #expect(
      try DecisionThresholds().judgement(on: makeAd(spend: spend, pipeline: pipeline, hours: 1)).decision == decision)
  }

  @Test func namesAreThoseOfTheInterface() {
    #expect(AdDecision.allCases.map(\.rawValue) == ["kill", "scale", "maintain"])
    #expect(DecisionMode.allCases.map(\.rawValue) == ["pipeline", "direct"])
    let rules: [Judgement.Rule] = [
      .ignoranceZone, .tooLittleSpend, .belowKillThreshold, .aboveScaleThreshold, .betweenThresholds,
    ]
    #expect(
      rules.map(\.rawValue) == [
        "ignorance_zone", "too_little_spend", "below_kill_threshold", "above_scale_threshold", "between_thresholds",
      ])
  }
}
