import Storage
import Values

/// The SQL of statements about ads' delivery.
struct AdDeliveryRepository {
  private static let table = StoredTable("ad_delivery", key: "account_id", "ad_id", "source", "stated_at")

  private enum Source: String {
    case person, file
  }

  /// The latest statements on each ad that were made by `moment`.
  func statements(
    of account: AccountID, by moment: Instant, in transaction: any Transaction
  ) throws -> [AdID: DeliveryStatements] {
    var statements: [AdID: DeliveryStatements] = [:]
    try transaction.forEach(
      """
      SELECT ad_id, source, state, as_of, stated_by, stated_at FROM ad_delivery
      WHERE account_id = \(account) AND stated_at <= \(moment) ORDER BY ad_id, stated_at
      """
    ) { row in
      let statement = try Self.table.read(row, of: account, Self.statement(from:))
      switch statement.source {
      case .person: statements[statement.adID, default: DeliveryStatements()].person = statement
      case .file: statements[statement.adID, default: DeliveryStatements()].file = statement
      }
    }
    return statements
  }

  /// Adds statements to the earlier ones about their ads.
  func insert(
    _ statements: [DeliveryStatement], of account: AccountID, in transaction: any Transaction
  ) throws {
    let hole = SQLValue.null
    let insert = try transaction.prepare(
      """
      INSERT INTO ad_delivery (account_id, ad_id, source, stated_at, state, as_of, stated_by)
      VALUES (\(hole), \(hole), \(hole), \(hole), \(hole), \(hole), \(hole))
      ON CONFLICT (account_id, ad_id, source, stated_at) DO UPDATE SET
        state = excluded.state, as_of = excluded.as_of, stated_by = excluded.stated_by
      """)
    try insert.execute(
      each: statements.map { statement in
        let (source, asOf, by) = Self.columns(of: statement.source)
        return [
          account.sqlValue, statement.adID.sqlValue, source.rawValue.sqlValue, statement.statedAt.sqlValue,
          statement.state.rawValue.sqlValue, asOf.sqlValue, by.sqlValue,
        ]
      })
  }

  /// Extends files' statements to a later day on which they still applied.
  func confirm(
    _ statements: [DeliveryStatement], of account: AccountID, asOf day: CalendarDay, in transaction: any Transaction
  ) throws {
    let hole = SQLValue.null
    let update = try transaction.prepare(
      """
      UPDATE ad_delivery SET as_of = \(hole)
      WHERE account_id = \(hole) AND ad_id = \(hole) AND source = \(hole) AND stated_at = \(hole)
      """)
    try update.execute(
      each: statements.map { statement in
        [
          day.sqlValue, account.sqlValue, statement.adID.sqlValue, Source.file.rawValue.sqlValue,
          statement.statedAt.sqlValue,
        ]
      })
  }

  /// Removes up to `limit` statements made before `moment` that a later one of the same kind has replaced; returns how
  /// many.
  func removeReplaced(
    of account: AccountID, before moment: Instant, limit: Int, in transaction: any Transaction
  ) throws -> Int {
    try transaction.execute(
      """
      DELETE FROM ad_delivery WHERE account_id = \(account) AND (ad_id, source, stated_at) IN (
        SELECT old.ad_id, old.source, old.stated_at FROM ad_delivery old
        WHERE old.account_id = \(account) AND old.stated_at < \(moment) AND EXISTS (
          SELECT 1 FROM ad_delivery later
          WHERE later.account_id = \(account) AND later.ad_id = old.ad_id AND later.source = old.source
            AND later.stated_at > old.stated_at AND later.stated_at < \(moment))
        ORDER BY old.ad_id, old.source, old.stated_at LIMIT \(limit))
      """)
  }

  private static func columns(
    of source: DeliveryStatement.Source
  ) -> (name: Source, asOf: CalendarDay?, by: String) {
    switch source {
    case .person(let name): (.person, nil, name)
    case .file(let name, let asOf): (.file, asOf, name)
    }
  }

  private static func statement(from row: Row) throws -> DeliveryStatement {
    let by: String = try row.get("stated_by")
    let source: DeliveryStatement.Source =
      switch try row.word("source", as: Source.self) {
      case .person: .person(by)
      case .file: .file(by, asOf: try row.get("as_of"))
      }
    return DeliveryStatement(
      adID: try row.get("ad_id"), state: try row.word("state"), source: source, statedAt: try row.get("stated_at"))
  }
}
