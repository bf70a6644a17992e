import Formats
import Storage
import Values

/// The SQL over all rows of an account, in whatever tables there are: those with a column `account_id`.
struct AccountRowsRepository {
  /// The tables with a column `account_id`, by name.
  func tables(in transaction: any Transaction) throws -> [String] {
    let statement: SQL =
      switch transaction.dialect {
      case .sqlite:
        """
        SELECT t.name AS name FROM sqlite_master t JOIN pragma_table_info(t.name) c
        WHERE t.type = 'table' AND c.name = 'account_id' ORDER BY 1
        """
      case .postgresql:
        """
        SELECT CAST(t.table_name AS TEXT) AS name
        FROM information_schema.tables t JOIN information_schema.columns c
          ON c.table_schema = t.table_schema AND c.table_name = t.table_name
        WHERE t.table_schema = current_schema() AND t.table_type = 'BASE TABLE' AND c.column_name = 'account_id'
        ORDER BY 1
        """
      }
    return try transaction.query(statement).map { try $0.get("name") }
  }

  /// The columns of a table, in their order.
  func columns(of table: String, in transaction: any Transaction) throws -> [String] {
    let statement: SQL =
      switch transaction.dialect {
      case .sqlite: "SELECT name FROM pragma_table_info(\(table)) ORDER BY cid"
      case .postgresql:
        """
        SELECT CAST(column_name AS TEXT) AS name FROM information_schema.columns
        WHERE table_schema = current_schema() AND table_name = \(table) ORDER BY ordinal_position
        """
      }
    return try transaction.query(statement).map { try $0.get("name") }
  }

  /// How many rows of the account a table has.
  func count(_ table: String, of account: AccountID, in transaction: any Transaction) throws -> Int {
    try transaction.first("SELECT COUNT(*) AS n FROM \(Self.name(table)) WHERE account_id = \(account)")?
      .get("n") ?? 0
  }

  /// Whether the database's role is allowed to delete accounts, which the role of a running server need not be.
  func mayDelete(in transaction: any Transaction) throws -> Bool {
    switch transaction.dialect {
    case .sqlite: true
    case .postgresql:
      try transaction.first("SELECT has_table_privilege('accounts', 'DELETE') AS may")?.get("may") ?? false
    }
  }

  /// Waits for the account's running writes and makes later ones wait. Returns whether the account exists.
  func lock(_ account: AccountID, in transaction: any Transaction) throws -> Bool {
    let lock: SQL = transaction.dialect == .postgresql ? " FOR UPDATE" : ""
    return try transaction.first("SELECT 1 AS found FROM accounts WHERE account_id = \(account)\(lock)") != nil
  }

  func delete(_ table: String, of account: AccountID, in transaction: any Transaction) throws {
    try transaction.execute("DELETE FROM \(Self.name(table)) WHERE account_id = \(account)")
  }

  /// Passes the account's rows of a table to `body` one by one.
  func forEach(
    _ table: String, of account: AccountID, in transaction: any Transaction, _ body: (Row) throws -> Void
  ) throws {
    try transaction.forEach("SELECT * FROM \(Self.name(table)) WHERE account_id = \(account)", body)
  }

  /// Sets or clears the moment since which the account is disabled. Returns whether that changed anything.
  func setDisabled(_ moment: Instant?, _ account: AccountID, in transaction: any Transaction) throws -> Bool {
    let change: SQL =
      moment.map { "disabled_at = \($0) WHERE disabled_at IS NULL" }
      ?? "disabled_at = NULL WHERE disabled_at IS NOT NULL"
    return try transaction.execute("UPDATE accounts SET \(change) AND account_id = \(account)") > 0
  }

  func rate(of account: AccountID, in transaction: any Transaction) throws -> RequestRate? {
    try transaction.first("SELECT requests_per_minute, request_burst FROM accounts WHERE account_id = \(account)")
      .map { RequestRate(perMinute: try $0.get("requests_per_minute"), burst: try $0.get("request_burst")) }
  }

  func setRate(_ rate: RequestRate, of account: AccountID, in transaction: any Transaction) throws {
    try transaction.execute(
      """
      UPDATE accounts SET requests_per_minute = \(rate.perMinute), request_burst = \(rate.burst)
      WHERE account_id = \(account)
      """)
  }

  /// How long each account's decisions are kept, by account.
  func decisionRetentions(in transaction: any Transaction) throws -> [(AccountID, DecisionRetention)] {
    try transaction.query("SELECT account_id, decision_days, decision_count FROM accounts ORDER BY account_id").map {
      (try $0.get("account_id"), try Self.decisionRetention(from: $0))
    }
  }

  func decisionRetention(of account: AccountID, in transaction: any Transaction) throws -> DecisionRetention? {
    try transaction.first("SELECT decision_days, decision_count FROM accounts WHERE account_id = \(account)")
      .map(Self.decisionRetention(from:))
  }

  func setDecisionRetention(
    _ retention: DecisionRetention, of account: AccountID, in transaction: any Transaction
  ) throws {
    try transaction.execute(
      """
      UPDATE accounts SET decision_days = \(retention.days), decision_count = \(retention.count)
      WHERE account_id = \(account)
      """)
  }

  private static func decisionRetention(from row: Row) throws -> DecisionRetention {
    DecisionRetention(days: try row.get("decision_days"), count: try row.get("decision_count"))
  }

  func insert(_ receipt: AccountReceipt, rowCounts: String, in transaction: any Transaction) throws {
    try transaction.execute(
      """
      INSERT INTO account_receipts (account_name, deleted_at, deleted_by, row_counts)
      VALUES (\(receipt.accountName), \(receipt.deletedAt), \(receipt.deletedBy), \(rowCounts))
      """)
  }

  private static let receiptTable = StoredTable("account_receipts", key: "account_name", "deleted_at")

  /// The receipts of deleted accounts, latest first.
  func receipts(limit: Int, in transaction: any Transaction) throws -> [AccountReceipt] {
    try transaction.query(
      "SELECT * FROM account_receipts ORDER BY deleted_at DESC, account_name LIMIT \(limit)"
    ).map { row in
      try Self.receiptTable.read(row) { row in
        let counts = try JSONReader.read(row.get("row_counts", as: String.self)) { try $0.readValue() }
        guard case .object(let object) = counts else { throw DatabaseError.unreadableColumn("row_counts") }
        return AccountReceipt(
          accountName: try row.get("account_name"), deletedAt: try row.get("deleted_at"),
          deletedBy: try row.get("deleted_by"),
          rowCounts: object.members.reduce(into: [:]) { $0[$1.key] = $1.value.doubleValue.flatMap { Int(exactly: $0) } }
        )
      }
    }
  }

  /// A name from the database's own catalogue, quoted: values can be bound, but names cannot.
  private static func name(_ name: String) -> SQL {
    SQL(stringLiteral: "\"" + name.replacing("\"", with: "\"\"") + "\"")
  }
}
