import Storage
import Values
import Web

/// The SQL of API keys.
struct APIKeyRepository {
  private static let table = StoredTable("api_keys", key: "account_id", "key_id")

  func insert(
    _ id: String, _ draft: APIKeyDraft, of account: AccountID, secretHash: String, at now: Instant,
    in transaction: any Transaction
  ) throws {
    try transaction.execute(
      """
      INSERT INTO api_keys (key_id, account_id, role, secret_hash, created_at, name, expires_at)
      VALUES (
        \(id), \(account), \(draft.role.rawValue), \(secretHash), \(now), \(draft.name), \(draft.expiresAt.sqlValue))
      """)
  }

  /// The key with this hash, with the state of its account; nil for one that is revoked.
  func known(secretHash: String, in transaction: any Transaction) throws -> KnownKey? {
    let row = try transaction.first(
      """
      SELECT k.key_id, k.account_id, k.role, k.expires_at, a.incarnation, a.disabled_at, a.requests_per_minute,
        a.request_burst
      FROM api_keys k JOIN accounts a ON a.account_id = k.account_id
      WHERE k.secret_hash = \(secretHash) AND k.revoked_at IS NULL
      """)
    guard let row else { return nil }
    return try Self.table.read(row) { row in
      KnownKey(
        principal: Principal(
          keyID: try row.get("key_id"), accountID: try row.get("account_id"), incarnation: try row.get("incarnation"),
          role: try row.word("role")),
        state: try state(from: row),
        rate: RequestRate(perMinute: try row.get("requests_per_minute"), burst: try row.get("request_burst")))
    }
  }

  /// The state of a caller's key and of its account; nil where either was deleted, even if another account has the name
  /// by now. On PostgreSQL the account then cannot be deleted until the transaction ends; on SQLite nothing else
  /// writes.
  func state(of principal: Principal, in transaction: any Transaction) throws -> KeyState? {
    let lock: SQL =
      switch transaction.dialect {
      case .sqlite: ""
      case .postgresql: " FOR KEY SHARE OF a"
      }
    return try transaction.first(
      """
      SELECT k.expires_at, a.disabled_at FROM api_keys k JOIN accounts a ON a.account_id = k.account_id
      WHERE k.account_id = \(principal.accountID) AND k.key_id = \(principal.keyID) AND k.revoked_at IS NULL
        AND a.incarnation = \(principal.incarnation)\(lock)
      """
    ).map(state(from:))
  }

  private func state(from row: Row) throws -> KeyState {
    KeyState(
      expiresAt: try row.getOptional("expires_at"),
      isAccountDisabled: try row.getOptional("disabled_at", as: Instant.self) != nil)
  }

  func list(of account: AccountID, in transaction: any Transaction) throws -> [APIKey] {
    try transaction.query("SELECT * FROM api_keys WHERE account_id = \(account) ORDER BY created_at, key_id")
      .map(key(from:))
  }

  func get(_ id: String, of account: AccountID, in transaction: any Transaction) throws -> APIKey? {
    try transaction.first("SELECT * FROM api_keys WHERE account_id = \(account) AND key_id = \(id)")
      .map(key(from:))
  }

  /// How many of the account's keys are not revoked.
  func count(of account: AccountID, in transaction: any Transaction) throws -> Int {
    try transaction.first(
      "SELECT COUNT(*) AS n FROM api_keys WHERE account_id = \(account) AND revoked_at IS NULL"
    )?.get("n") ?? 0
  }

  func revoke(_ id: String, of account: AccountID, at now: Instant, in transaction: any Transaction) throws {
    try transaction.execute(
      "UPDATE api_keys SET revoked_at = \(now) WHERE account_id = \(account) AND key_id = \(id)")
  }

  func expire(_ id: String, of account: AccountID, at end: Instant, in transaction: any Transaction) throws {
    try transaction.execute(
      "UPDATE api_keys SET expires_at = \(end) WHERE account_id = \(account) AND key_id = \(id)")
  }

  /// Records a use; one earlier than the stored use changes nothing.
  func use(_ id: String, of account: AccountID, at now: Instant, in transaction: any Transaction) throws {
    try transaction.execute(
      """
      UPDATE api_keys SET last_used_at = \(now)
      WHERE account_id = \(account) AND key_id = \(id) AND (last_used_at IS NULL OR last_used_at < \(now))
      """)
  }

  /// Removes up to `limit` keys that were revoked or expired before `moment`; returns how many.
  func removeEnded(before moment: Instant, limit: Int, in transaction: any Transaction) throws -> Int {
    try transaction.execute(
      """
      DELETE FROM api_keys WHERE key_id IN (
        SELECT key_id FROM api_keys WHERE revoked_at < \(moment) OR expires_at < \(moment) LIMIT \(limit))
      """)
  }

  private func key(from row: Row) throws -> APIKey {
    try Self.table.read(row) { row in
      APIKey(
        id: try row.get("key_id"), role: try row.word("role"), name: try row.get("name"),
        createdAt: try row.get("created_at"), lastUsedAt: try row.getOptional("last_used_at"),
        expiresAt: try row.getOptional("expires_at"), revokedAt: try row.getOptional("revoked_at"))
    }
  }
}
