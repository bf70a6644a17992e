import Storage
import Values

/// Stored data of an account that depends on its configuration.
package protocol AccountValuation: Sendable {
  /// Whether amounts in the account's currency are stored.
  func hasAmounts(of account: AccountID, in transaction: any Transaction) throws -> Bool

  /// Revalues the account's deals after the values of its stages changed.
  func revalue(
    _ account: AccountID, _ configuration: AccountConfiguration, in transaction: any Transaction) throws

  /// The current worth of each ad's deals.
  func pipelineValues(of account: AccountID, in transaction: any Transaction) throws -> [AdID: Money]
}
