import Database
import Values

/// Writes many days of figures within one transaction.
///
/// Each row carries the number of the import that wrote it. That tells a restated day, which replaces what an
/// earlier import said, from a second row for the same ad and day within one import.
struct DailyMetricsWriter {
  private let account: AccountID
  private let importID: Int
  private let statement: any PreparedStatement
  /// Nil for an account without earlier figures: there is nothing that could be restated.
  private let archive: (any PreparedStatement)?

  /// With `sumsRows`, a second row for the same ad and day adds to the first; else it is not written.
  init(account: AccountID, importID: Int, sumsRows: Bool, in transaction: any Transaction) throws {
    self.account = account
    self.importID = importID
    let insert: SQL = """
      INSERT INTO ad_daily_metrics AS m (
        account_id, ad_id, date, impressions, clicks, spend, reach, frequency, leads, pipeline_value,
        cash_revenue, import_id)
      VALUES (
        \(Self.hole), \(Self.hole), \(Self.hole), \(Self.hole), \(Self.hole), \(Self.hole), \(Self.hole),
        \(Self.hole), \(Self.hole), \(Self.hole), \(Self.hole), \(Self.hole))
      ON CONFLICT (account_id, ad_id, date) DO UPDATE SET
      """
    let hasFigures =
      try transaction.first(
        "SELECT 1 AS found FROM ad_daily_metrics WHERE account_id = \(account) LIMIT 1") != nil
    archive = hasFigures ? try transaction.prepare(Self.archiving) : nil
    statement = try transaction.prepare("\(insert) \(sumsRows ? Self.sum : Self.replace)")
  }

  /// Returns false, and writes nothing, for a second row of the same ad and day that must not be summed.
  @discardableResult
  func write(_ day: DailyMetrics) throws -> Bool {
    try archive?.execute([
      account.sqlValue, day.adID.sqlValue, day.day.sqlValue, importID.sqlValue, day.impressions.sqlValue,
      day.clicks.sqlValue, day.spend.sqlValue, (day.leads ?? -1).sqlValue,
    ])
    return try statement.execute([
      account.sqlValue, day.adID.sqlValue, day.day.sqlValue, day.impressions.sqlValue, day.clicks.sqlValue,
      day.spend.sqlValue, day.reach.sqlValue, day.frequency.sqlValue, day.leads.sqlValue,
      day.pipelineValue.sqlValue, day.cashRevenue.sqlValue, importID.sqlValue,
    ]) > 0
  }

  private static let hole = SQLValue.null

  /// Keeps what a day was stated to be, where it is stated anew.
  private static let archiving: SQL = """
    INSERT INTO restated_days (account_id, ad_id, date, import_id, impressions, clicks, spend, leads)
    SELECT account_id, ad_id, date, import_id, impressions, clicks, spend, leads FROM ad_daily_metrics
    WHERE account_id = \(Self.hole) AND ad_id = \(Self.hole) AND date = \(Self.hole) AND import_id <> \(Self.hole)
    AND (impressions <> \(Self.hole) OR clicks <> \(Self.hole) OR spend <> \(Self.hole)
      OR COALESCE(leads, -1) <> \(Self.hole))
    ON CONFLICT (account_id, ad_id, date, import_id) DO NOTHING
    """

  private static let replace: SQL = """
    impressions = excluded.impressions, clicks = excluded.clicks, spend = excluded.spend, reach = excluded.reach,
    frequency = excluded.frequency, leads = excluded.leads, pipeline_value = excluded.pipeline_value,
    cash_revenue = excluded.cash_revenue, import_id = excluded.import_id
    WHERE m.import_id <> excluded.import_id
    """

  /// People reached in two groups may be the same, so reach and frequency are unknown for the sum.
  private static let sum: SQL = """
    \(summed("impressions")), \(summed("clicks")), \(summed("spend")), \(summed("leads")),
    \(summed("pipeline_value")), \(summed("cash_revenue")),
    reach = CASE WHEN m.import_id = excluded.import_id THEN NULL ELSE excluded.reach END,
    frequency = CASE WHEN m.import_id = excluded.import_id THEN NULL ELSE excluded.frequency END,
    import_id = excluded.import_id
    """

  private static func summed(_ name: String) -> SQL {
    let column = SQL(stringLiteral: name)
    return """
      \(column) = CASE WHEN m.import_id = excluded.import_id
        THEN COALESCE(m.\(column) + excluded.\(column), m.\(column), excluded.\(column)) ELSE excluded.\(column) END
      """
  }
}
