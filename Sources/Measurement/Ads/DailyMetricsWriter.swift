import Storage
import Values

/// An ad on a day.
struct AdDate: Hashable {
  let adID: AdID
  let date: CalendarDay

  init(adID: AdID, date: CalendarDay) {
    self.adID = adID
    self.date = date
  }

  init(_ day: DailyMetrics) {
    self.init(adID: day.adID, date: day.day)
  }
}

/// Writes many days of figures within one transaction, hundreds with each statement.
///
/// Each row carries the number of the import that wrote it. That tells a restated day, which replaces what an
/// earlier import said, from a second row for the same ad and day within one import.
struct DailyMetricsWriter {
  private let account: AccountID
  private let importID: Int
  private let time: FigureTime
  private let sumsRows: Bool
  private let transaction: any Transaction
  private var archiving = PreparedRows()
  private var insertion = PreparedRows()
  /// Whether there is something that could be restated.
  private let hasFigures: Bool

  /// Twelve values each: far from how many a statement may have, and more rows at once are no faster.
  private static let rowsAtOnce = 256

  /// With `sumsRows`, a second row for the same ad and day adds to the first; else it is not written.
  init(
    account: AccountID, importID: Int, at time: FigureTime, sumsRows: Bool, in transaction: any Transaction
  ) throws {
    self.account = account
    self.importID = importID
    self.time = time
    self.sumsRows = sumsRows
    self.transaction = transaction
    hasFigures =
      try transaction.first(
        "SELECT 1 AS found FROM ad_daily_metrics WHERE account_id = \(account) LIMIT 1") != nil
  }

  /// Returns for each of `days` whether it was written: a second row of the same ad and day that must not be summed
  /// was not.
  @discardableResult
  mutating func write(_ days: [DailyMetrics]) throws -> [Bool] {
    var isWritten: [Bool] = []
    isWritten.reserveCapacity(days.count)
    for start in stride(from: 0, to: days.count, by: Self.rowsAtOnce) {
      isWritten += try writeAtOnce(Array(days[start..<min(start + Self.rowsAtOnce, days.count)]))
    }
    return isWritten
  }

  private mutating func writeAtOnce(_ days: [DailyMetrics]) throws -> [Bool] {
    var isWritten = Array(repeating: false, count: days.count)
    var waiting = Array(days.indices)
    while !waiting.isEmpty {
      // A statement may meet each row once: a second one waits to be added up, or is not written at all.
      var met = Set<AdDate>()
      var later: [Int] = []
      var round: [Int] = []
      for index in waiting {
        if met.insert(AdDate(days[index])).inserted { round.append(index) } else { later.append(index) }
      }
      let rows = round.map { days[$0] }
      if hasFigures { try archive(rows) }
      let written = try insert(rows)
      for index in round { isWritten[index] = written?.contains(AdDate(days[index])) ?? true }
      waiting = sumsRows ? later : []
    }
    return isWritten
  }

  /// Returns those that were written; nil where all were.
  private mutating func insert(_ days: [DailyMetrics]) throws -> Set<AdDate>? {
    let values = days.flatMap { day -> [SQLValue] in
      [
        account.sqlValue, day.adID.sqlValue, day.day.sqlValue, day.impressions.sqlValue, day.clicks.sqlValue,
        day.spend.sqlValue, day.reach.sqlValue, day.frequency.sqlValue, day.leads.sqlValue,
        day.pipelineValue.sqlValue, day.cashRevenue.sqlValue, importID.sqlValue, time.now.sqlValue,
      ]
    }
    let change = sumsRows ? Self.sum : Self.replace
    let statement = try insertion.statement(of: days.count, width: 13, in: transaction) { rows in
      """
      INSERT INTO ad_daily_metrics AS m (
        account_id, ad_id, date, impressions, clicks, spend, reach, frequency, leads, pipeline_value,
        cash_revenue, import_id, known_at)
      VALUES \(rows)
      ON CONFLICT (account_id, ad_id, date) DO UPDATE SET \(change)
      RETURNING ad_id, date
      """
    }
    let written = try statement.query(values)
    guard written.count < days.count else { return nil }
    return try Set(written.map { AdDate(adID: try $0.get("ad_id"), date: try $0.get("date")) })
  }

  /// Keeps what days were stated to be, where they are stated anew: what was known at a midnight, and what was stated
  /// first. So a day has at most one such row for each midnight and one more, however often it is restated.
  ///
  /// Rows that add up may differ from what is known only once all of them are there: they are kept in any case.
  private mutating func archive(_ days: [DailyMetrics]) throws {
    let values = days.flatMap { day -> [SQLValue] in
      [
        day.adID.sqlValue, day.day.sqlValue, day.impressions.sqlValue, day.clicks.sqlValue, day.spend.sqlValue,
        (day.leads ?? -1).sqlValue,
      ]
    }
    // CROSS JOIN has SQLite look each new day up among the old ones, and not the other way round.
    let differs: SQL =
      sumsRows
      ? ""
      : """
       AND (m.impressions <> stated.column3 OR m.clicks <> stated.column4 OR m.spend <> stated.column5
        OR COALESCE(m.leads, -1) <> stated.column6)
      """
    let (account, importID, midnight) = (account, importID, time.lastMidnight)
    let statement = try archiving.statement(of: days.count, width: 6, in: transaction) { rows in
      """
      INSERT INTO restated_days (account_id, ad_id, date, import_id, impressions, clicks, spend, leads, known_at)
      SELECT m.account_id, m.ad_id, m.date, m.import_id, m.impressions, m.clicks, m.spend, m.leads, m.known_at
      FROM (VALUES \(rows)) AS stated CROSS JOIN ad_daily_metrics AS m
      WHERE m.account_id = \(account) AND m.ad_id = stated.column1 AND m.date = stated.column2
        AND m.import_id <> \(importID)\(differs)
        AND (m.known_at <= \(midnight) OR NOT EXISTS (
          SELECT 1 FROM restated_days r
          WHERE r.account_id = m.account_id AND r.ad_id = m.ad_id AND r.date = m.date))
      ON CONFLICT (account_id, ad_id, date, import_id) DO NOTHING
      """
    }
    try statement.execute(values + [account.sqlValue, importID.sqlValue, midnight.sqlValue])
  }

  private static let replace: SQL = """
    impressions = excluded.impressions, clicks = excluded.clicks, spend = excluded.spend, reach = excluded.reach,
    frequency = excluded.frequency, leads = excluded.leads, pipeline_value = excluded.pipeline_value,
    cash_revenue = excluded.cash_revenue, import_id = excluded.import_id,
    known_at = CASE WHEN m.impressions = excluded.impressions AND m.clicks = excluded.clicks
        AND m.spend = excluded.spend AND COALESCE(m.leads, -1) = COALESCE(excluded.leads, -1)
      THEN m.known_at ELSE excluded.known_at END
    WHERE m.import_id <> excluded.import_id
    """

  /// People reached in two groups may be the same, so reach and frequency are unknown for the sum.
  private static let sum: SQL = """
    \(summed("impressions")), \(summed("clicks")), \(summed("spend")), \(summed("leads")),
    \(summed("pipeline_value")), \(summed("cash_revenue")),
    reach = CASE WHEN m.import_id = excluded.import_id THEN NULL ELSE excluded.reach END,
    frequency = CASE WHEN m.import_id = excluded.import_id THEN NULL ELSE excluded.frequency END,
    import_id = excluded.import_id, known_at = excluded.known_at
    """

  private static func summed(_ name: String) -> SQL {
    let column = SQL(stringLiteral: name)
    return """
      \(column) = CASE WHEN m.import_id = excluded.import_id
        THEN COALESCE(m.\(column) + excluded.\(column), m.\(column), excluded.\(column)) ELSE excluded.\(column) END
      """
  }
}
