import Accounts
import Measurement
import Values
import Web

extension Feature {
  package static func decisions(
    _ decisions: DecisionService, accounts: AccountService, ads: AdService, compute: ComputeGate,
    clock: @escaping @Sendable () -> Instant
  ) -> Feature {
    Feature(
      endpoints: DecisionRoutes(accounts: accounts, ads: ads, decisions: decisions, compute: compute, clock: clock)
        .endpoints,
      retentions: [
        Retention("decisions", every: .seconds(600), batch: 100, remove: decisions.removeExpired),
        Retention("removed_decisions", every: .seconds(86_400), batch: 1_000, remove: decisions.forgetRemoved),
      ], quotas: [.decisions])
  }

  /// The wear of ads.
  package static func fatigue(ads: AdService) -> Feature { Feature(endpoints: FatigueRoutes(ads: ads).endpoints) }
}

extension Quota {
  /// Decisions that are kept.
  package static let decisions = Quota(
    "decisions", "Decisions that are kept", allowance: { "keep \($0) decisions" }, count: DecisionRepository().count)
}
