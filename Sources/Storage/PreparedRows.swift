/// A statement over many rows of values, prepared anew only when their number changes: batches of one size are the rule,
/// and the text of such a statement is long.
public struct PreparedRows {
  private var last: (count: Int, statement: any PreparedStatement)?

  /// Nothing is prepared yet.
  public init() {}

  /// The statement that `sql` makes of `count` rows (at least one) with `width` values each, as ``SQL/rows(_:after:)``
  /// writes them, behind `shared` values that are the same in each row and are bound once, before all others. `sql` must
  /// make the same of as many rows whenever it is called.
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
