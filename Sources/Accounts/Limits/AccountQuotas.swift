import Storage
import Values
import Web

/// The most that an account may have, by the names of quotas. Nothing is limited by default.
package struct AccountQuotas: Hashable, Sendable {
  /// The limits that are set, by the names of their quotas.
  package private(set) var limits: [String: Int] = [:]

  /// No limits.
  package init() {}

  /// The limit of a quota, nil for none; clamped to `Quota.range`.
  package subscript(quota: Quota) -> Int? {
    get { limits[quota.name] }
    set { self[quota.name] = newValue }
  }

  fileprivate subscript(name: String) -> Int? {
    get { limits[name] }
    set { limits[name] = newValue.map { min(max($0, Quota.range.lowerBound), Quota.range.upperBound) } }
  }
}

/// What an account may send and store, and how much it stores.
package struct AccountUsage: Sendable {
  /// One quota of an account and its use.
  package struct OfQuota: Sendable {
    package let quota: Quota
    /// The most that the account may have; nil where there is no limit.
    package let limit: Int?
    /// How many it has.
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
  private static let table = StoredTable("account_quotas", key: "account_id", "resource")

  func get(of account: AccountID, in transaction: any Transaction) throws -> AccountQuotas {
    try transaction.query("SELECT resource, maximum FROM account_quotas WHERE account_id = \(account)")
      .reduce(into: AccountQuotas()) { try Self.add($1, of: account, to: &$0) }
  }

  func all(in transaction: any Transaction) throws -> [AccountID: AccountQuotas] {
    try transaction.query("SELECT account_id, resource, maximum FROM account_quotas").reduce(into: [:]) { all, row in
      let account: AccountID = try row.get("account_id")
      try Self.add(row, of: account, to: &all[account, default: AccountQuotas()])
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

  /// Makes this transaction run again where a concurrent one has added to what the quota counts.
  func claim(_ quota: String, of account: AccountID, in transaction: any Transaction) throws {
    try transaction.execute(
      """
      UPDATE account_quotas SET maximum = maximum WHERE account_id = \(account) AND resource = \(quota)
      """)
  }

  private static func add(_ row: Row, of account: AccountID, to quotas: inout AccountQuotas) throws {
    try table.read(row, of: account) { quotas[try $0.get("resource", as: String.self)] = try $0.get("maximum") }
  }
}
