import Storage
import Values

/// The SQL of the audit log.
struct AuditRepository {
  private static let table = StoredTable("audit_log", key: "account_id", "id")

  /// Adds a line with its number and hash.
  func insert(_ entry: AuditEntry, of account: AccountID, in transaction: any Transaction) throws {
    try transaction.execute(
      """
      INSERT INTO audit_log (account_id, id, at, actor, action, subject, before_value, after_value, line, hash)
      VALUES (
        \(account), \(entry.id.description), \(entry.at), \(entry.actor), \(entry.action), \(entry.subject),
        \(entry.before.sqlValue), \(entry.after.sqlValue), \(entry.line.sqlValue), \(entry.hash.sqlValue))
      """)
  }

  /// The account's lines, newest first.
  func list(
    of account: AccountID, before id: TimedID?, limit: Int, in transaction: any Transaction
  ) throws -> [AuditEntry] {
    let condition: SQL = id.map { " AND id < \($0.description)" } ?? ""
    return try transaction.query(
      "SELECT * FROM audit_log WHERE account_id = \(account)\(condition) ORDER BY id DESC LIMIT \(limit)"
    ).map(entry(from:))
  }

  /// Passes the account's lines to `body` in the order of their chain, preceded by those older than the chain.
  func forEach(
    of account: AccountID, in transaction: any Transaction, _ body: (AuditEntry) throws -> Void
  ) throws {
    try transaction.forEach(
      "SELECT * FROM audit_log WHERE account_id = \(account) ORDER BY COALESCE(line, 0), id"
    ) { try body(entry(from: $0)) }
  }

  /// The stored head; nil where there is none yet. `locking` makes other lines of the account wait for this
  /// transaction.
  func head(
    of account: AccountID, locking: Bool = false, in transaction: any Transaction
  ) throws -> AuditHead? {
    let lock: SQL = locking && transaction.dialect == .postgresql ? " FOR UPDATE" : ""
    return try transaction.first("SELECT lines, hash FROM audit_heads WHERE account_id = \(account)\(lock)").map {
      AuditHead(lines: try $0.get("lines"), hash: try $0.get("hash"))
    }
  }

  /// Stores the first head of an account; an existing one stays.
  func startHead(_ head: AuditHead, of account: AccountID, in transaction: any Transaction) throws {
    try transaction.execute(
      """
      INSERT INTO audit_heads (account_id, lines, hash) VALUES (\(account), \(head.lines), \(head.hash))
      ON CONFLICT (account_id) DO NOTHING
      """)
  }

  func saveHead(_ head: AuditHead, of account: AccountID, in transaction: any Transaction) throws {
    try transaction.execute(
      "UPDATE audit_heads SET lines = \(head.lines), hash = \(head.hash) WHERE account_id = \(account)")
  }

  func accountsWithoutHead(in transaction: any Transaction) throws -> [AccountID] {
    try transaction.query(
      """
      SELECT a.account_id FROM accounts a LEFT JOIN audit_heads h ON h.account_id = a.account_id
      WHERE h.account_id IS NULL ORDER BY a.account_id
      """
    ).map { try $0.get("account_id") }
  }

  /// Every account, by name.
  func accounts(in transaction: any Transaction) throws -> [AccountID] {
    try transaction.query("SELECT account_id FROM accounts ORDER BY account_id").map { try $0.get("account_id") }
  }

  private func entry(from row: Row) throws -> AuditEntry {
    try Self.table.read(row) { row in
      guard let id = TimedID(try row.get("id")) else { throw DatabaseError.unreadableColumn("id") }
      return AuditEntry(
        id: id, at: try row.get("at"), actor: try row.get("actor"), action: try row.get("action"),
        subject: try row.get("subject"), before: try row.getOptional("before_value"),
        after: try row.getOptional("after_value"), line: try row.getOptional("line"), hash: try row.getOptional("hash"))
    }
  }
}
