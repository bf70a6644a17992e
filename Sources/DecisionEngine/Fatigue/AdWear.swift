/// What an ad's days say of its wear: by the reference rules, and by the trend of its CTR.
public struct AdWear: Hashable, Sendable {
  /// What the reference rules find.
  public let report: FatigueReport
  /// Whether the rule found no more than the ad's usual ups and downs.
  public let isOrdinary: Bool
  /// The trend of its CTR; nil where there are too few days or clicks to tell.
  public let trend: FatigueTrend?
  /// Whether the trend is a decline that chance does not explain, among all ads that were judged with it.
  public let isDeclining: Bool

  /// Judges the ads of an account together, each by its last days, oldest first.
  public static func judge(_ ads: [[DeliveryDay]]) -> [AdWear] {
    let trends = ads.map(FatigueTrend.of)
    return zip(ads, zip(trends, FatigueTrend.declines(trends))).map { days, found in
      let report = FatigueDetector.report(on: days)
      return AdWear(
        report: report, isOrdinary: FatigueDetector.isOrdinary(report, on: days), trend: found.0, isDeclining: found.1)
    }
  }

  /// What should be done: what a rule asks for whose finding is not ordinary, and at least a warning for a decline.
  public var level: FatigueLevel {
    let byRule = isOrdinary ? .none : report.level
    return byRule == .none && isDeclining ? .warning : byRule
  }
}
