import Accounts
import Values
import Web

extension Feature {
  /// Ads and their figures, and the worth of stages.
  package static func ads(_ ads: AdService, accounts: AccountService) -> Feature {
    Feature(
      endpoints: SyntheticRevenueRoutes(accounts: accounts).endpoints,
      retentions: [
        Retention("imports", every: .seconds(86_400), batch: 10_000, remove: ads.removeImports),
        Retention("ad_delivery", every: .seconds(86_400), batch: 10_000, remove: ads.removeReplacedDelivery),
      ], quotas: [.ads])
  }

  /// Which ad brought which deal.
  package static func attribution(
    _ attributions: AttributionService, clock: @escaping @Sendable () -> Instant
  ) -> Feature {
    Feature(
      endpoints: AttributionRoutes(attributions: attributions, clock: clock).endpoints,
      retentions: [Retention("clicks", every: .seconds(3_600), batch: 1_000, remove: attributions.removeOldClicks)])
  }
}

extension Quota {
  /// Ads that have figures.
  package static let ads = Quota(
    "ads", "Ads that have figures", allowance: { "have \($0) ads" }, count: AdStateRepository().count)
}
