import Storage
import Values
import Web

/// Enforces the quotas of accounts. Rows are counted in the transaction that adds some, so that any number of processes
/// agree; and only for accounts with a quota.
package struct QuotaService: Sendable {
  private let quotas = AccountQuotaRepository()

  package init() {}

  /// Does `work`, and refuses it where the account then has more than its quota, and more than before.
  ///
  /// Throws a ``QuotaError``; the caller's transaction rolls back.
  package func hold<Result>(
    _ quota: Quota, of account: AccountID, in transaction: any Transaction, _ work: () throws -> Result
  ) throws -> Result {
    guard let limit = try quotas.get(of: account, in: transaction)[quota] else { return try work() }
    let before = try quota.count(account, transaction)
    let result = try work()
    let after = try quota.count(account, transaction)
    guard after > before else { return result }
    try quotas.claim(quota.name, of: account, in: transaction)
    guard after <= limit else { throw QuotaError(quota, of: account, limit: limit, wanted: after) }
    return result
  }

  /// Refuses early what ``hold(_:of:in:_:)`` would refuse: one more than the quota.
  package func requireRoom(
    for quota: Quota, of account: AccountID, in transaction: any Transaction
  ) throws {
    guard let limit = try quotas.get(of: account, in: transaction)[quota] else { return }
    let wanted = try quota.count(account, transaction) + 1
    guard wanted <= limit else { throw QuotaError(quota, of: account, limit: limit, wanted: wanted) }
  }

  /// How many more the account may have.
  func room(for quota: Quota, of account: AccountID, in transaction: any Transaction) throws -> Int {
    guard let limit = try quotas.get(of: account, in: transaction)[quota] else { return .max }
    return limit - (try quota.count(account, transaction))
  }

}
