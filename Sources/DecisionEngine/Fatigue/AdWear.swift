/// What an ad's days say of its wear: by the reference rules, and by the trend of its CTR.
public struct AdWear: Hashable, Sendable {
  /// What the reference rules find.
  public let report: FatigueReport
  /// The chance that the ad's usual ups and downs bring a day that stands out as the last one does, where a rule found
  /// something; nil where there is nothing to compare with.
  public let chance: Double?
  /// Whether that chance is too large, among all ads that were judged with it, to take the rule's finding for more.
  public let isOrdinary: Bool
  /// The trend of its CTR; nil where there are too few days or clicks to tell.
  public let trend: FatigueTrend?
  /// Whether the trend is a decline that chance does not explain, among all ads that were judged with it.
  public let isDeclining: Bool

  /// Judges the ads of an account together, each by its last days, oldest first.
  ///
  /// Of the findings of rules that are not ordinary, and of the declines, at most ``FatigueTrend/falseDiscoveryRate`` are
  /// there by chance, on average.
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

  /// What should be done: what a rule asks for whose finding is not ordinary, and at least a warning for a decline.
  public var level: FatigueLevel {
    let byRule = isOrdinary ? .none : report.level
    return byRule == .none && isDeclining ? .warning : byRule
  }
}
