import Storage
import Values

/// Brings stage names, and JSON that contains names, into canonical form.
struct StageMerge {
  private let transaction: any Transaction

  init(_ transaction: any Transaction) {
    self.transaction = transaction
  }

  /// Returns the accounts with deals in a stage under another spelling.
  func mergeStages() throws -> Set<AccountID> {
    var changed: Set<AccountID> = []
    for spelling in try spellings(of: "stage", in: "deals") {
      try transaction.execute(
        """
        UPDATE deals SET stage = \(spelling.canonical)
        WHERE account_id = \(spelling.account) AND stage = \(spelling.name)
        """)
      changed.insert(spelling.account)
    }
    for spelling in try spellings(of: "stage", in: "deal_stage_history") {
      try transaction.execute(
        """
        DELETE FROM deal_stage_history AS o
        WHERE o.account_id = \(spelling.account) AND o.stage = \(spelling.name) AND EXISTS (
          SELECT 1 FROM deal_stage_history n
          WHERE n.account_id = o.account_id AND n.deal_id = o.deal_id AND n.occurred_at = o.occurred_at
            AND n.stage = \(spelling.canonical))
        """)
      try transaction.execute(
        """
        UPDATE deal_stage_history SET stage = \(spelling.canonical)
        WHERE account_id = \(spelling.account) AND stage = \(spelling.name)
        """)
      changed.insert(spelling.account)
    }
    return changed
  }

  /// None of JSON's own characters combines with another, so a document can be normalised as a whole.
  func mergeDocuments() throws {
    for column in ["stages", "crm"] {
      try mergeDocuments("account_configurations", column, keys: ["account_id"])
    }
    try mergeDocuments("attributions", "evidence", keys: ["account_id", "deal_id"])
  }

  private func mergeDocuments(_ table: String, _ column: String, keys: [String]) throws {
    let (name, document) = (SQL(stringLiteral: table), SQL(stringLiteral: column))
    let text: SQL = "CAST(\(document) AS TEXT)"
    let rows = try transaction.query(
      """
      SELECT \(SQL(stringLiteral: keys.joined(separator: ", "))), \(text) AS document FROM \(name)
      WHERE \(SQLText.isBeyondASCII(text, transaction.dialect))
      """)
    for row in rows {
      let document: String = try row.get("document")
      guard !document.isCanonical else { continue }
      let conditions = try keys.map { key -> SQL in
        "\(SQL(stringLiteral: key)) = \(try row.get(key, as: String.self))"
      }
      try transaction.execute(
        """
        UPDATE \(name) SET \(SQL(stringLiteral: column)) = \(document.canonical)
        WHERE \(SQLText.joined(conditions, by: " AND "))
        """)
    }
  }

  private func spellings(of column: String, in table: String) throws -> [Spelling] {
    try Spelling.all(of: column, in: table, transaction)
  }
}
