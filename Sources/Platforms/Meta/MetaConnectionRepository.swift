import RemoteAPIs
import Storage
import Values

/// The SQL of connections, and of the data last read about them.
struct MetaConnectionRepository {
  func get(_ account: AccountID, in transaction: any Transaction) throws -> MetaConnection? {
    try transaction.first("SELECT * FROM meta_connections WHERE account_id = \(account)").map(Self.connection(from:))
  }

  /// The token that the account provided, sealed; nil where it provided none.
  func sealedToken(of account: AccountID, in transaction: any Transaction) throws -> String? {
    try transaction.first("SELECT sealed_token FROM meta_connections WHERE account_id = \(account)")?
      .getOptional("sealed_token")
  }

  /// Creates the account's connection, where it had none: nothing is known about it yet.
  func insert(
    _ adAccount: MetaAdAccountID, _ source: MetaConnection.TokenSource, sealedToken: String?, of account: AccountID,
    at now: Instant, in transaction: any Transaction
  ) throws {
    try transaction.execute(
      """
      INSERT INTO meta_connections (account_id, ad_account, token_source, sealed_token, connected_at)
      VALUES (\(account), \(adAccount.number.value), \(source.rawValue), \(sealedToken.sqlValue), \(now))
      """)
  }

  /// The account with a verified connection to the ad account; nil where there is none, and where the caller must not
  /// see it.
  func holder(of adAccount: MetaAdAccountID, in transaction: any Transaction) throws -> AccountID? {
    try transaction.first(
      """
      SELECT account_id FROM meta_connections
      WHERE ad_account = \(adAccount.number.value) AND verified_at IS NOT NULL
      """)?.get("account_id")
  }

  /// Replaces the token of the account's connection; nothing is known about the new one yet.
  func setToken(
    _ source: MetaConnection.TokenSource, sealedToken: String?, of account: AccountID, at now: Instant,
    in transaction: any Transaction
  ) throws {
    try transaction.execute(
      """
      UPDATE meta_connections SET token_source = \(source.rawValue), sealed_token = \(sealedToken.sqlValue),
        connected_at = \(now), token_checked_at = NULL
      WHERE account_id = \(account)
      """)
  }

  /// Returns whether there was one.
  @discardableResult
  func remove(_ account: AccountID, in transaction: any Transaction) throws -> Bool {
    try transaction.execute("DELETE FROM meta_connections WHERE account_id = \(account)") > 0
  }

  /// Over all accounts: how many connections there are, how many of them have a problem, and when the one with the
  /// oldest sync was synced or created; nil for none.
  func totals(in transaction: any Transaction) throws -> (all: Int, troubled: Int, oldest: Instant?) {
    let row = try transaction.first(
      """
      SELECT COUNT(*) AS connections, COUNT(problem) AS troubled, MIN(COALESCE(synced_at, connected_at)) AS oldest
      FROM meta_connections
      """)
    return (try row?.get("connections") ?? 0, try row?.get("troubled") ?? 0, try row?.getOptional("oldest"))
  }

  func save(_ facts: MetaAccountFacts, of account: AccountID, in transaction: any Transaction) throws {
    try transaction.execute(
      """
      UPDATE meta_connections SET name = \(facts.name.sqlValue), currency = \(facts.currency),
        timezone = \(facts.timezone), status = \(facts.status),
        min_daily_budget = \(facts.minDailyBudget.sqlValue), spend_cap = \(facts.spendCap.sqlValue),
        user_tasks = \((facts.userTasks?.joined(separator: " ")).sqlValue)
      WHERE account_id = \(account)
      """)
  }

  func save(_ token: MetaTokenFacts, of account: AccountID, in transaction: any Transaction) throws {
    try transaction.execute(
      """
      UPDATE meta_connections SET scopes = \(token.scopes.joined(separator: " ")),
        token_expires_at = \(token.expiresAt.sqlValue), tier = \(token.tier.sqlValue),
        token_checked_at = \(token.checkedAt)
      WHERE account_id = \(account)
      """)
  }

  /// Marks the account's connection as verified. Throws ``DatabaseError/uniqueViolation`` where the ad account is
  /// another account's.
  func verify(_ account: AccountID, at now: Instant, in transaction: any Transaction) throws {
    try transaction.execute(
      "UPDATE meta_connections SET verified_at = \(now) WHERE account_id = \(account) AND verified_at IS NULL")
  }

  func setObjectsRead(_ account: AccountID, at now: Instant, in transaction: any Transaction) throws {
    try transaction.execute("UPDATE meta_connections SET objects_read_at = \(now) WHERE account_id = \(account)")
  }

  func setSynced(
    _ account: AccountID, until day: CalendarDay, at now: Instant, in transaction: any Transaction
  ) throws {
    try transaction.execute(
      """
      UPDATE meta_connections SET synced_at = \(now), synced_until = \(day), problem = NULL
      WHERE account_id = \(account)
      """)
  }

  func setProblem(_ problem: String?, of account: AccountID, in transaction: any Transaction) throws {
    try transaction.execute(
      """
      UPDATE meta_connections SET problem = \(problem.map { String($0.prefix(1_000)) }.sqlValue)
      WHERE account_id = \(account)
      """)
  }

  private static func connection(from row: Row) throws -> MetaConnection {
    guard let adAccount = MetaAdAccountID(try row.get("ad_account", as: String.self)) else {
      throw DatabaseError.unreadableColumn("ad_account")
    }
    guard let source = MetaConnection.TokenSource(rawValue: try row.get("token_source")) else {
      throw DatabaseError.unreadableColumn("token_source")
    }
    return MetaConnection(
      accountID: try row.get("account_id"), adAccount: adAccount, tokenSource: source,
      connectedAt: try row.get("connected_at"), verifiedAt: try row.getOptional("verified_at"),
      facts: try facts(from: row), token: try token(from: row), objectsReadAt: try row.getOptional("objects_read_at"),
      syncedAt: try row.getOptional("synced_at"), syncedUntil: try row.getOptional("synced_until"),
      problem: try row.getOptional("problem"))
  }

  private static func facts(from row: Row) throws -> MetaAccountFacts? {
    guard let currency: String = try row.getOptional("currency") else { return nil }
    return MetaAccountFacts(
      name: try row.getOptional("name"), currency: currency, timezone: try row.get("timezone"),
      status: try row.get("status"), minDailyBudget: try row.getOptional("min_daily_budget"),
      spendCap: try row.getOptional("spend_cap"),
      userTasks: try row.getOptional("user_tasks", as: String.self)
        .map { $0.split(separator: " ").map(String.init) })
  }

  private static func token(from row: Row) throws -> MetaTokenFacts? {
    guard let checkedAt: Instant = try row.getOptional("token_checked_at") else { return nil }
    let scopes: String = try row.get("scopes")
    return MetaTokenFacts(
      scopes: scopes.split(separator: " ").map(String.init), expiresAt: try row.getOptional("token_expires_at"),
      tier: try row.getOptional("tier"), checkedAt: checkedAt)
  }
}
