import Storage
import Values

/// The SQL of accounts and their configurations.
struct AccountRepository {
  private static let configurations = StoredTable("account_configurations", key: "account_id")
  let settings: AccountSettings

  func create(
    _ account: AccountID, _ configuration: AccountConfiguration, at now: Instant, in transaction: any Transaction
  ) throws {
    let incarnation = Hex.text((0..<8).map { _ in UInt8.random(in: 0...255) })
    try transaction.execute(
      "INSERT INTO accounts (account_id, created_at, incarnation) VALUES (\(account), \(now), \(incarnation))")
    try save(configuration, of: account, at: now, in: transaction)
  }

  /// The current incarnation of the account; nil where there is no account. `holding` keeps it from being deleted until
  /// the write ends.
  func incarnation(
    of account: AccountID, holding: Bool = false, in transaction: any Transaction
  ) throws -> String? {
    let lock: SQL = transaction.dialect == .postgresql && holding ? " FOR KEY SHARE" : ""
    return try transaction.first("SELECT incarnation FROM accounts WHERE account_id = \(account)\(lock)")?
      .get("incarnation")
  }

  /// Which configuration the account has now; nil where there is no such account.
  func edition(of account: AccountID, in transaction: any Transaction) throws -> ConfigurationEdition? {
    try transaction.first(
      """
      SELECT a.incarnation, c.version FROM accounts a JOIN account_configurations c ON c.account_id = a.account_id
      WHERE a.account_id = \(account)
      """
    ).map { ConfigurationEdition(incarnation: try $0.get("incarnation"), version: try $0.get("version")) }
  }

  func all(in transaction: any Transaction) throws -> [Account] {
    let quotas = try AccountQuotaRepository().all(in: transaction)
    return try transaction.query(
      """
      SELECT a.account_id, a.created_at, a.disabled_at, a.requests_per_minute, a.request_burst, c.configuration
      FROM accounts a JOIN account_configurations c ON c.account_id = a.account_id
      ORDER BY a.account_id
      """
    ).map { row in
      let account: AccountID = try row.get("account_id")
      let configuration = try configuration(from: row)
      return Account(
        id: account, currency: configuration.currency.code, timezone: configuration.timezone,
        createdAt: try row.get("created_at"), disabledAt: try row.getOptional("disabled_at"),
        rate: RequestRate(perMinute: try row.get("requests_per_minute"), burst: try row.get("request_burst")),
        quotas: quotas[account] ?? AccountQuotas())
    }
  }

  /// The accounts that are not disabled, by name.
  func activeIDs(in transaction: any Transaction) throws -> [AccountID] {
    try transaction.query("SELECT account_id FROM accounts WHERE disabled_at IS NULL ORDER BY account_id")
      .map { try $0.get("account_id") }
  }

  func activeTimezones(in transaction: any Transaction) throws -> [AccountID: String] {
    try transaction.query(
      """
      SELECT a.account_id, c.configuration
      FROM accounts a JOIN account_configurations c ON c.account_id = a.account_id WHERE a.disabled_at IS NULL
      """
    ).reduce(into: [:]) { timezones, row in
      timezones[try row.get("account_id")] = (try? configuration(from: row))?.timezone ?? Zone.utc.name
    }
  }

  /// Notifies other processes, once this transaction has committed, that their caches of the account are outdated.
  /// Where the database cannot send notifications, the caches expire.
  static func announceChange(of account: AccountID, in transaction: any Transaction) throws {
    switch transaction.dialect {
    case .sqlite: break
    case .postgresql: _ = try transaction.query("SELECT pg_notify(\(AccountService.channel), \(account))")
    }
  }

  /// Keeps other transactions from changing the account's configuration until this one ends.
  func lockConfiguration(of account: AccountID, in transaction: any Transaction) throws {
    try transaction.execute("UPDATE account_configurations SET version = version WHERE account_id = \(account)")
  }

  func configuration(of account: AccountID, in transaction: any Transaction) throws -> AccountConfiguration? {
    try transaction.first("SELECT account_id, configuration FROM account_configurations WHERE account_id = \(account)")
      .map(configuration(from:))
  }

  /// The version is also stored beside the JSON, for statements that compare it.
  func save(
    _ configuration: AccountConfiguration, of account: AccountID, at now: Instant, in transaction: any Transaction
  ) throws {
    try transaction.execute(
      """
      INSERT INTO account_configurations (account_id, configuration, version, updated_at)
      VALUES (\(account), \(settings.text(configuration)), \(configuration.version), \(now))
      ON CONFLICT (account_id) DO UPDATE SET
        configuration = excluded.configuration, version = excluded.version, updated_at = excluded.updated_at
      """)
  }

  private func configuration(from row: Row) throws(UnreadableRow) -> AccountConfiguration {
    try Self.configurations.read(row) { try settings.configuration(stored: $0.get("configuration")) }
  }
}

/// An account as lists show it.
package struct Account: Hashable, Sendable {
  /// The account's name.
  package let id: AccountID
  /// The letters of its currency.
  package let currency: String
  /// Its time zone.
  package let timezone: String
  /// When it was created.
  package let createdAt: Instant
  /// Since when it has been disabled; nil where it is not.
  package let disabledAt: Instant?
  /// How many requests it may send.
  package let rate: RequestRate
  /// How much it may keep.
  package let quotas: AccountQuotas
}
