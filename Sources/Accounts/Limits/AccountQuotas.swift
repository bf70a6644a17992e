import Storage
import Values
import Web

/// How much an account may have at most, by the names of quotas. Nothing is limited unless somebody says so.
package struct AccountQuotas: Hashable, Sendable {
  /// The limits that are set, by the names of their quotas.
  package private(set) var limits: [String: Int] = [:]

  /// No limits.
  package init() {}

  /// The limit of a quota, nil for none; one out of `Quota.range` is moved to the nearer end.
  package subscript(quota: Quota) -> Int? {
    get { limits[quota.name] }
    set { self[quota.name] = newValue }
  }

  fileprivate subscript(name: String) -> Int? {
    get { limits[name] }
    set { limits[name] = newValue.map { min(max($0, Quota.range.lowerBound), Quota.range.upperBound) } }
  }
}

/// What an account may send and keep, and how much it keeps.
package struct AccountUsage: Sendable {
  /// What an account has of what a quota counts.
  package struct OfQuota: Sendable {
    /// The quota.
    package let quota: Quota
    /// How many there may be; nil where there is no limit.
    package let limit: Int?
    /// How many there are.
    package let used: Int
  }

  /// How many requests it may send to each server process.
  package let rate: RequestRate
  /// How much it may keep, and how much it keeps.
  package let quotas: [OfQuota]
  /// How long its decisions are kept.
  package let decisionRetention: DecisionRetention
}

/// The SQL of quotas.
struct AccountQuotaRepository {
  func get(of account: AccountID, in transaction: any Transaction) throws -> AccountQuotas {
    try transaction.query("SELECT resource, maximum FROM account_quotas WHERE account_id = \(account)")
      .reduce(into: AccountQuotas()) { try Self.add($1, to: &$0) }
  }

  /// The quotas of all accounts that have any.
  func all(in transaction: any Transaction) throws -> [AccountID: AccountQuotas] {
    try transaction.query("SELECT account_id, resource, maximum FROM account_quotas").reduce(into: [:]) { all, row in
      try Self.add(row, to: &all[try row.get("account_id"), default: AccountQuotas()])
    }
  }

  /// Sets a quota; nil removes it.
  func set(_ limit: Int?, on quota: String, of account: AccountID, in transaction: any Transaction) throws {
    if let limit {
      try transaction.execute(
        """
        INSERT INTO account_quotas (account_id, resource, maximum) VALUES (\(account), \(quota), \(limit))
        ON CONFLICT (account_id, resource) DO UPDATE SET maximum = excluded.maximum
        """)
    } else {
      try transaction.execute(
        "DELETE FROM account_quotas WHERE account_id = \(account) AND resource = \(quota)")
    }
  }

  /// Has this transaction run again where another one has added to what the quota counts meanwhile and counted without it.
  func claim(_ quota: String, of account: AccountID, in transaction: any Transaction) throws {
    try transaction.execute(
      """
      UPDATE account_quotas SET maximum = maximum WHERE account_id = \(account) AND resource = \(quota)
      """)
  }

  private static func add(_ row: Row, to quotas: inout AccountQuotas) throws {
    quotas[try row.get("resource", as: String.self)] = try row.get("maximum")
  }
}
