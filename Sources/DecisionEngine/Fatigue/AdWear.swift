/// What an ad's days show about its wear: by the reference rules, and by the trend of its CTR.
public struct AdWear: Hashable, Sendable {
  /// What the reference rules find.
  public let report: FatigueReport
  /// The probability that the ad's usual variation makes a day stand out as much as the last one, where a rule found
  /// something; nil where there is nothing to compare with.
  public let chance: Double?
  /// Whether that probability is too high, given all ads judged together, for the rule's finding to mean anything.
  public let isOrdinary: Bool
  /// The trend of its CTR; nil where there are too few days or clicks to tell.
  public let trend: FatigueTrend?
  /// Whether the trend is a decline that chance does not explain, given all ads judged together.
  public let isDeclining: Bool

  /// Judges the ads of an account together, each by its last days, oldest first.
  ///
  /// Among the rules' findings that are not ordinary, and among the declines, on average at most a share of
  /// ``FatigueTrend/falseDiscoveryRate`` is due to chance.
  public static func judge(_ ads: [[DeliveryDay]]) -> [AdWear] {
    let reports = ads.map(FatigueDetector.report)
    let chances = zip(reports, ads).map { LastDay.chance(of: $0, on: $1) }
    let found = FalseDiscovery.found(chances, rate: FatigueTrend.falseDiscoveryRate)
    let trends = ads.map(FatigueTrend.of)
    let declines = FatigueTrend.declines(trends)
    return ads.indices.map { index in
      AdWear(
        report: reports[index], chance: chances[index], isOrdinary: !found[index],
        trend: trends[index],
        isDeclining: declines[index])
    }
  }

  /// How soon to act: the level of the rule whose finding is not ordinary, and at least a warning for a decline.
  public var level: FatigueLevel {
    let byRule = isOrdinary ? .none : report.level
    return byRule == .none && isDeclining ? .warning : byRule
  }
}
