/// A statement over many rows of values, prepared again only when their number changes: most batches have the same
/// size, and the text of such a statement is long.
public struct PreparedRows {
  private var last: (count: Int, statement: any PreparedStatement)?

  /// Nothing is prepared yet.
  public init() {}

  /// The statement that `sql` makes for `count` rows (at least one) of `width` values each, as ``SQL/rows(_:after:)``
  /// writes them, preceded by `shared` values that are the same in every row and are bound once. `sql` must return the
  /// same text for the same number of rows whenever it is called.
  public mutating func statement(
    of count: Int, width: Int, sharing shared: Int = 0, in transaction: any Transaction, _ sql: (_ rows: SQL) -> SQL
  ) throws -> any PreparedStatement {
    if let last, last.count == count { return last.statement }
    let row = [SQLValue](repeating: .null, count: width)
    let rows = SQL.rows(
      Array(repeating: row, count: count), after: Array(repeating: .null, count: shared))
    let statement = try transaction.prepare(sql(rows))
    last = (count, statement)
    return statement
  }
}
