/// A statement over many rows of values, prepared anew only when their number changes: batches of one size are the rule,
/// and the text of such a statement is long.
public struct PreparedRows {
  private var last: (count: Int, statement: any PreparedStatement)?

  /// Nothing is prepared yet.
  public init() {}

  /// The statement that `sql` makes of `count` rows (at least one) with `width` values each, as ``SQL/rows(_:)`` writes
  /// them. `sql` must make the same of as many rows whenever it is called.
  public mutating func statement(
    of count: Int, width: Int, in transaction: any Transaction, _ sql: (_ rows: SQL) -> SQL
  ) throws -> any PreparedStatement {
    if let last, last.count == count { return last.statement }
    let row = [SQLValue](repeating: .null, count: width)
    let statement = try transaction.prepare(sql(.rows(Array(repeating: row, count: count))))
    last = (count, statement)
    return statement
  }
}
