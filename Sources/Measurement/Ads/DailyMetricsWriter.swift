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

/// Writes many days of figures within one transaction, hundreds with each statement, and updates the totals of their
/// ads.
///
/// Each row stores the number of the import that wrote it. That distinguishes a restated day, which replaces what an
/// earlier import wrote, from a second row for the same ad and day within one import. Days are looked up only where
/// they lie between the first and the last day of the ad's figures. ``finish(deals:)`` is called last.
struct DailyMetricsWriter {
  private var totals: AdTotals
  private let account: AccountID
  private let importID: Int
  private let time: FigureTime
  private let sumsRows: Bool
  private let transaction: any Transaction
  private var lookup = PreparedRows()
  private var archiving = PreparedRows()
  private var insertion = PreparedRows()
  /// Whether the account had figures before.
  private let hasFigures: Bool

  /// Each row has ten values: far below the limit of a statement, and more rows at once are not faster.
  private static let rowsAtOnce = 256

  /// With `sumsRows`, a second row for the same ad and day is added to the first; otherwise it is not written.
  init(
    account: AccountID, importID: Int, at time: FigureTime, sumsRows: Bool, in transaction: any Transaction
  ) throws {
    self.account = account
    self.importID = importID
    self.time = time
    self.sumsRows = sumsRows
    self.transaction = transaction
    totals = AdTotals(of: account)
    hasFigures =
      try transaction.first(
        "SELECT 1 AS found FROM ad_daily_metrics WHERE account_id = \(account) LIMIT 1") != nil
  }

  /// The ads for which days were written.
  var ads: Set<AdID> { totals.touchedAds }

  /// Stores the ads' totals, once all days have been written; the worth of their deals is set to `deals`, or stays.
  func finish(deals: [AdID: PipelineTotals] = [:]) throws {
    try totals.save(deals: deals, in: transaction)
  }

  /// Returns for each of `days` whether it was written: a second row for the same ad and day is not, unless rows are
  /// summed.
  @discardableResult
  mutating func write(_ days: [DailyMetrics]) throws -> [Bool] {
    var isWritten = Array(repeating: false, count: days.count)
    for start in stride(from: 0, to: days.count, by: Self.rowsAtOnce) {
      let places = start..<min(start + Self.rowsAtOnce, days.count)
      if hasFigures { try totals.load(places.lazy.map { days[$0].adID }, in: transaction) }
      var waiting = Array(places)
      while !waiting.isEmpty { try writeOnce(days, &waiting, &isWritten) }
    }
    return isWritten
  }

  /// Writes those of `days` at the indices `waiting` that fit into one statement, which may contain each ad and day
  /// only once. The others keep waiting, to be added.
  private mutating func writeOnce(
    _ days: [DailyMetrics], _ waiting: inout [Int], _ isWritten: inout [Bool]
  ) throws {
    var mayBeThere = false
    for place in waiting where !totals.widen(days[place].adID, to: days[place].day) { mayBeThere = true }
    guard mayBeThere else {
      try insert(waiting.map { days[$0] })
      for place in waiting {
        try totals.take(days[place], over: nil, addsUp: false)
        isWritten[place] = true
      }
      waiting = []
      return
    }
    var met = Set<AdDate>()
    let first = waiting.filter { met.insert(AdDate(days[$0])).inserted }
    let old = try stored(first.map { days[$0] })
    let taken = zip(first, old).filter { sumsRows || $1?.importID != importID }
    let rows = taken.map { days[$0.0] }
    if taken.contains(where: { place, old in isRestated(days[place], old) }) { try archive(rows) }
    try insert(rows)
    for (place, old) in taken {
      try totals.take(days[place], over: old, addsUp: old?.importID == importID)
      isWritten[place] = true
    }
    // Those that had the same ad and day as another.
    waiting = sumsRows ? Array(Set(waiting).subtracting(first)).sorted() : []
  }

  /// Whether the previous figures of the day must be archived.
  private func isRestated(_ day: DailyMetrics, _ old: StoredDay?) -> Bool {
    guard let old, old.importID != importID else { return false }
    return sumsRows || old.differs(from: day)
  }

  /// The stored figures of each day, in order.
  private mutating func stored(_ days: [DailyMetrics]) throws -> [StoredDay?] {
    var values: [SQLValue] = []
    values.reserveCapacity(days.count * 3 + 1)
    for (place, day) in days.enumerated() { values += [place.sqlValue, day.adID.sqlValue, day.day.sqlValue] }
    let account = account
    let statement = try lookup.statement(of: days.count, width: 3, in: transaction) { rows in
      // CROSS JOIN makes SQLite look up each new day among the stored ones, and not the other way round.
      """
      SELECT stated.column1 AS place, m.impressions, m.clicks, m.spend, m.leads, m.pipeline_value, m.cash_revenue,
        m.import_id
      FROM (VALUES \(rows)) AS stated CROSS JOIN ad_daily_metrics AS m
      WHERE m.account_id = \(account) AND m.ad_id = stated.column2 AND m.date = stated.column3
      """
    }
    var stored = [StoredDay?](repeating: nil, count: days.count)
    for row in try statement.query(values + [account.sqlValue]) { stored[try row.get("place")] = try StoredDay(row) }
    return stored
  }

  private mutating func insert(_ days: [DailyMetrics]) throws {
    guard !days.isEmpty else { return }
    var values: [SQLValue] = [account.sqlValue, importID.sqlValue, time.now.sqlValue]
    values.reserveCapacity(values.count + days.count * 10)
    for day in days {
      values.append(day.adID.sqlValue)
      values.append(day.day.sqlValue)
      values.append(day.impressions.sqlValue)
      values.append(day.clicks.sqlValue)
      values.append(day.spend.sqlValue)
      values.append(day.reach.sqlValue)
      values.append(day.frequency.sqlValue)
      values.append(day.leads.sqlValue)
      values.append(day.pipelineValue.sqlValue)
      values.append(day.cashRevenue.sqlValue)
    }
    let change = sumsRows ? Self.sum : Self.replace
    let statement = try insertion.statement(of: days.count, width: 10, sharing: 3, in: transaction) { rows in
      """
      INSERT INTO ad_daily_metrics AS m (
        account_id, import_id, known_at, ad_id, date, impressions, clicks, spend, reach, frequency, leads,
        pipeline_value, cash_revenue)
      VALUES \(rows)
      ON CONFLICT (account_id, ad_id, date) DO UPDATE SET \(change)
      """
    }
    try statement.execute(values)
  }

  /// Archives the previous figures of restated days: those known at a midnight, and those reported first. So a day has
  /// at most one such row for each midnight and one more, however often it is restated.
  ///
  /// Rows that are summed can be compared with what is known only once all of them are there, so they are always
  /// archived.
  private mutating func archive(_ days: [DailyMetrics]) throws {
    let values = days.flatMap { day -> [SQLValue] in
      [
        day.adID.sqlValue, day.day.sqlValue, day.impressions.sqlValue, day.clicks.sqlValue, day.spend.sqlValue,
        (day.leads ?? -1).sqlValue,
      ]
    }
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
    """

  /// The people reached in two groups may overlap, so reach and frequency of the sum are unknown.
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
