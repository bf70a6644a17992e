import Database
import Values

/// The SQL of the audit log.
struct AuditRepository {
  func insert(_ entry: AuditEntry, of account: AccountID, in transaction: any Transaction) throws {
    try transaction.execute(
      """
      INSERT INTO audit_log (account_id, id, at, actor, action, subject, before_value, after_value)
      VALUES (
        \(account), \(entry.id.description), \(entry.at), \(entry.actor), \(entry.action), \(entry.subject),
        \(entry.before.sqlValue), \(entry.after.sqlValue))
      """)
  }

  /// The account's lines, newest first.
  func list(
    of account: AccountID, before id: AuditID?, limit: Int, in transaction: any Transaction
  ) throws -> [AuditEntry] {
    let condition: SQL = id.map { " AND id < \($0.description)" } ?? ""
    return try transaction.query(
      "SELECT * FROM audit_log WHERE account_id = \(account)\(condition) ORDER BY id DESC LIMIT \(limit)"
    ).map { row in
      guard let id = AuditID(try row.get("id")) else { throw DatabaseError.unreadableColumn("id") }
      return AuditEntry(
        id: id, at: try row.get("at"), actor: try row.get("actor"), action: try row.get("action"),
        subject: try row.get("subject"), before: try row.getOptional("before_value"),
        after: try row.getOptional("after_value"))
    }
  }
}
