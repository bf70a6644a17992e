import Accounts
import DecisionEngine
import Values

/// Either policy as one account has set it: what is selected and judged here goes by the account's own configuration.
struct AccountScopedSampler: Sendable {
  /// The account.
  let account: AccountID
  /// What it decides by.
  let configuration: AccountConfiguration

  /// Takes a configuration that was read with the figures it is to judge.
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

  /// What `battle_hardened` judges ads by.
  var thresholds: DecisionThresholds { configuration.sampler().thresholds }

  /// What `lag_aware` says of each ad at the budgets it has now.
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
