import Accounts
import DecisionEngine
import Values

/// Either policy with the configuration of one account.
struct ConfiguredPolicies: Sendable {
  let account: AccountID
  /// What it decides by.
  let configuration: AccountConfiguration

  /// The configuration must have been read together with the figures that it is applied to.
  init(of account: AccountID, _ configuration: AccountConfiguration) {
    self.account = account
    self.configuration = configuration
  }

  /// Reads the account's configuration, which may be a second old. Throws an ``AccountError``.
  init(of account: AccountID, _ accounts: AccountService) async throws {
    self.account = account
    configuration = try await accounts.configuration(of: account)
  }

  /// Splits a budget. Throws a ``DecisionError`` that says what to change.
  func select(_ inputs: SelectionInputs) throws -> BudgetSelection {
    try inputs.select(configuration)
  }

  /// The thresholds of `battle_hardened`.
  var thresholds: DecisionThresholds { configuration.sampler().thresholds }

  /// The outlook of each ad by `lag_aware` at its current budget.
  func outlooks(
    _ ads: [AdState], _ history: FunnelTallies?, at now: Instant
  ) throws -> [LagAwareRecommendation] {
    let settings = configuration.sampler()
    let current = ads.reduce(0) { $0 + $1.currentDailyBudget } * Double(settings.currency.minorUnitsPerMajor)
    let total = max(
      Int64(clamping: min(current, Double(BattleHardenedSampler.largestTotal))),
      settings.minimumBudget * Int64(ads.count))
    let inputs = SelectionInputs(
      policy: .lagAware, ads: ads, history: history, now: now, totalBudget: total, seed: 0)
    guard case .lagAware(let selection) = try select(inputs) else { return [] }
    return selection.recommendations
  }
}
