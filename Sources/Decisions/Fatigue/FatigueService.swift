import DecisionEngine
import Measurement
import Values

/// Judges the wear of an account's ads.
package struct FatigueService: Sendable {
  private let ads: AdService

  package init(ads: AdService) {
    self.ads = ads
  }

  /// How many stored days of delivery the reference rules use.
  static let dayCount = 14

  /// The wear of every running ad of the account by its last four weeks of figures. An ad with too few days is healthy.
  package func wear(of account: AccountID) async throws -> AccountWear {
    let (known, days) = try await ads.knownWithDays(FatigueTrend.windowDays, of: account)
    let running = known.running.map(\.adID)
    let wear = AdWear.judge(running.map { (days[$0] ?? []).map(DeliveryDay.init) })
    return AccountWear(known: known, ads: zip(running, wear).map { AccountWear.Ad(adID: $0, wear: $1) })
  }
}

/// The wear of an account's running ads.
package struct AccountWear: Sendable {
  /// A running ad.
  package struct Ad: Sendable {
    package let adID: AdID
    package let wear: AdWear
  }

  /// What was known of all ads of the account, including those that do not run.
  package let known: KnownAds
  /// The ads that run, by ad id.
  package let ads: [Ad]

  /// How many ads wear, and the first of them by name, in a sentence.
  package var summary: String {
    let worn = ads.filter { $0.wear.status != .healthy }
    guard !worn.isEmpty else { return "\(ads.count) ads, all healthy" }
    let named = worn.prefix(20).map { "\($0.adID) \($0.wear.status.rawValue)" }.joined(separator: ", ")
    let beyond = worn.count { $0.wear.level != .none }
    return "\(ads.count) ads, \(worn.count) not healthy: \(named); \(beyond) of them beyond their usual variation"
  }
}
