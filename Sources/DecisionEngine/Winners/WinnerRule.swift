/// When an ad is a winner: by pipeline ROAS or by CTR, once enough is known of it.
public struct WinnerRule: Hashable, Sendable {
  /// Pipeline ROAS over which an ad wins.
  public var roasThreshold = 3.0
  /// CTR over which an ad wins.
  public var ctrThreshold = 0.03
  /// Spend in major units under which no ad is a winner.
  public var minimumSpend = 50.0
  /// Impressions under which no ad is a winner: two clicks of ten impressions are luck.
  public var minimumImpressions = 1_000

  /// The defaults.
  public init() {}

  /// Judges an ad.
  public func judge(_ ad: AdState) -> WinnerVerdict {
    guard ad.spend >= minimumSpend, ad.impressions >= minimumImpressions else { return .tooLittleKnown }
    return WinnerVerdict(
      winsByROAS: ad.pipelineROAS > roasThreshold, winsByCTR: ad.ctr > ctrThreshold, isEnoughKnown: true)
  }
}

/// What a ``WinnerRule`` says of an ad.
public struct WinnerVerdict: Hashable, Sendable {
  /// Whether pipeline ROAS is over its threshold.
  public let winsByROAS: Bool
  /// Whether CTR is over its threshold.
  public let winsByCTR: Bool
  /// Whether the ad has spent and been shown enough to be judged; where not, it wins on no count.
  public let isEnoughKnown: Bool

  /// The verdict on an ad of which too little is known.
  public static let tooLittleKnown = WinnerVerdict(winsByROAS: false, winsByCTR: false, isEnoughKnown: false)

  /// Whether the ad is a winner on either count.
  public var isWinner: Bool { winsByROAS || winsByCTR }
}
