/// What to do with an ad by the thresholds.
public enum AdDecision: String, Hashable, Sendable, CaseIterable {
  /// Stop it: it had its chance and earns too little.
  case kill
  /// Give it more: it earns well.
  case scale
  /// Leave it as it is.
  case maintain
}

/// Which revenue an ad is judged by.
public enum DecisionMode: String, Hashable, Sendable, CaseIterable {
  /// The value of its deals in the pipeline, after an ignorance zone: for sales that take weeks.
  case pipeline
  /// Won revenue only, judged at once: for sales that close on the spot.
  case direct
}

/// The thresholds of kill, scale and maintain.
public struct DecisionThresholds: Hashable, Sendable {
  /// Which revenue counts.
  public var mode: DecisionMode
  /// Days for which an ad is left alone while it has also spent less than ``ignoranceZoneSpend`` (mode `pipeline`).
  public var ignoranceZoneDays: Double
  /// Spend below which a young ad is left alone, in major units.
  public var ignoranceZoneSpend: Double
  /// Spend below which no ad is killed or scaled, in major units.
  public var minSpendForKill: Double
  /// Return for each unit spent below which an ad is killed.
  public var killROASThreshold: Double
  /// Return for each unit spent above which an ad is scaled.
  public var scaleROASThreshold: Double

  /// How far a return must exceed its threshold: 600.21 for 200.07 is exactly 3 and must not scale because the binary
  /// quotient is the next number above.
  private static let roundingNoise = 1e-12

  /// The reference defaults: 2 days, 100, 200, 0.5 and 3.0 in mode `pipeline`.
  public init(
    mode: DecisionMode = .pipeline, ignoranceZoneDays: Double = 2, ignoranceZoneSpend: Double = 100,
    minSpendForKill: Double = 200, killROASThreshold: Double = 0.5, scaleROASThreshold: Double = 3
  ) {
    self.mode = mode
    self.ignoranceZoneDays = ignoranceZoneDays
    self.ignoranceZoneSpend = ignoranceZoneSpend
    self.minSpendForKill = minSpendForKill
    self.killROASThreshold = killROASThreshold
    self.scaleROASThreshold = scaleROASThreshold
  }

  /// Judges an ad by its totals.
  public func judgement(on ad: AdState) -> Judgement {
    let roas = mode == .pipeline ? ad.pipelineROAS : ad.cashROAS
    let rule: Judgement.Rule
    if mode == .pipeline, ad.daysLive < ignoranceZoneDays, ad.spend < ignoranceZoneSpend {
      rule = .ignoranceZone
    } else if ad.spend < minSpendForKill {
      rule = .tooLittleSpend
    } else if roas < killROASThreshold * (1 - Self.roundingNoise) {
      rule = .belowKillThreshold
    } else if roas > scaleROASThreshold * (1 + Self.roundingNoise) {
      rule = .aboveScaleThreshold
    } else {
      rule = .betweenThresholds
    }
    return Judgement(rule: rule, mode: mode, roas: roas)
  }
}

/// How an ad compares with its thresholds, with the rule and the value that decided. It says nothing about a budget.
public struct Judgement: Hashable, Sendable {
  /// The rule that decided, in the order in which the rules are tried.
  public enum Rule: String, Hashable, Sendable {
    /// Too young, and too little spent, to judge.
    case ignoranceZone = "ignorance_zone"
    /// Spent less than a judgement needs.
    case tooLittleSpend = "too_little_spend"
    /// Returns less than the kill threshold.
    case belowKillThreshold = "below_kill_threshold"
    /// Returns more than the scale threshold.
    case aboveScaleThreshold = "above_scale_threshold"
    /// Returns between the thresholds.
    case betweenThresholds = "between_thresholds"
  }

  /// The rule that decided.
  public let rule: Rule
  /// Which revenue counted.
  public let mode: DecisionMode
  /// The return for each unit spent that was judged.
  public let roas: Double

  public var decision: AdDecision {
    switch rule {
    case .belowKillThreshold: .kill
    case .aboveScaleThreshold: .scale
    case .ignoranceZone, .tooLittleSpend, .betweenThresholds: .maintain
    }
  }
}
