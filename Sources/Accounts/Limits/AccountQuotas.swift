import Storage
import Values

/// How much an account may have at most. Nothing is limited unless somebody says so.
package struct AccountQuotas: Hashable, Sendable {
  /// What a quota counts.
  package enum Resource: String, Hashable, Sendable, CaseIterable {
    /// Decisions that are kept.
    case decisions
    /// Ads that have figures.
    case ads
    /// Jobs that wait to be done.
    case waitingJobs = "waiting_jobs"
  }

  /// What each quota may be.
  package static let range = 1...1_000_000_000

  private var limits: [Resource: Int] = [:]

  /// No limits.
  package init() {}

  /// The quota of a resource, nil for none; one out of ``range`` is moved to the nearer end.
  package subscript(resource: Resource) -> Int? {
    get { limits[resource] }
    set { limits[resource] = newValue.map { min(max($0, Self.range.lowerBound), Self.range.upperBound) } }
  }
}

/// What an account may send and keep, and how much it keeps.
package struct AccountUsage: Hashable, Sendable {
  /// How many requests it may send to each server process.
  package let rate: RequestRate
  /// How much it may keep.
  package let quotas: AccountQuotas
  /// How much it keeps.
  package let used: [AccountQuotas.Resource: Int]
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

  /// The quotas of all accounts that have any.
  func all(in transaction: any Transaction) throws -> [AccountID: AccountQuotas] {
    try transaction.query("SELECT account_id, resource, maximum FROM account_quotas").reduce(into: [:]) { all, row in
      let account: AccountID = try row.get("account_id")
      try Self.add(row, of: account, to: &all[account, default: AccountQuotas()])
    }
  }

  /// Sets a quota; nil removes it.
  func set(
    _ limit: Int?, on resource: AccountQuotas.Resource, of account: AccountID, in transaction: any Transaction
  ) throws {
    if let limit {
      try transaction.execute(
        """
        INSERT INTO account_quotas (account_id, resource, maximum) VALUES (\(account), \(resource.rawValue), \(limit))
        ON CONFLICT (account_id, resource) DO UPDATE SET maximum = excluded.maximum
        """)
    } else {
      try transaction.execute(
        "DELETE FROM account_quotas WHERE account_id = \(account) AND resource = \(resource.rawValue)")
    }
  }

  /// Has this transaction run again where another one has added to the same resource meanwhile and counted without it.
  func claim(
    _ resource: AccountQuotas.Resource, of account: AccountID, in transaction: any Transaction
  ) throws {
    try transaction.execute(
      """
      UPDATE account_quotas SET maximum = maximum WHERE account_id = \(account) AND resource = \(resource.rawValue)
      """)
  }

  private static func add(_ row: Row, of account: AccountID, to quotas: inout AccountQuotas) throws {
    try table.read(row, of: account) { quotas[try $0.word("resource")] = try $0.get("maximum") }
  }
}
