import Accounts
import DecisionEngine
import Storage
import Values

/// The SQL of ads' totals and daily figures.
struct AdStateRepository {
  static let table = StoredTable("ad_states", key: "account_id", "ad_id")
  /// How many ads one statement reads or stores.
  private static let adsAtOnce = 100

  /// Stores ads, replacing what was stored for them.
  func save(_ ads: [AdRecord], in transaction: any Transaction) throws {
    var statements = PreparedRows()
    for start in stride(from: 0, to: ads.count, by: Self.adsAtOnce) {
      let piece = ads[start..<min(start + Self.adsAtOnce, ads.count)]
      let statement = try statements.statement(of: piece.count, width: 13, in: transaction) { rows in
        """
        INSERT INTO ad_states (
          account_id, ad_id, name, impressions, clicks, spend, reported_pipeline_value, reported_cash_revenue,
          deal_pipeline_value, deal_cash_revenue, first_day, last_day, last_delivery)
        VALUES \(rows)
        ON CONFLICT (account_id, ad_id) DO UPDATE SET
          name = excluded.name, impressions = excluded.impressions, clicks = excluded.clicks, spend = excluded.spend,
          reported_pipeline_value = excluded.reported_pipeline_value,
          reported_cash_revenue = excluded.reported_cash_revenue,
          deal_pipeline_value = excluded.deal_pipeline_value, deal_cash_revenue = excluded.deal_cash_revenue,
          first_day = excluded.first_day, last_day = excluded.last_day, last_delivery = excluded.last_delivery
        """
      }
      try statement.execute(
        piece.flatMap { ad in
          [
            ad.accountID.sqlValue, ad.adID.sqlValue, ad.name.sqlValue, ad.impressions.sqlValue, ad.clicks.sqlValue,
            ad.spend.sqlValue, ad.reported.pipelineValue.sqlValue, ad.reported.cashRevenue.sqlValue,
            ad.deals.pipelineValue.sqlValue, ad.deals.cashRevenue.sqlValue, ad.firstDay.sqlValue, ad.lastDay.sqlValue,
            ad.lastDelivery.sqlValue,
          ]
        })
    }
  }

  func get(_ adID: AdID, of account: AccountID, in transaction: any Transaction) throws -> AdRecord? {
    try transaction.first("SELECT * FROM ad_states WHERE account_id = \(account) AND ad_id = \(adID)")
      .map { try Self.table.read($0, record(from:)) }
  }

  /// Those of `ads` that have figures.
  func get(_ ads: Set<AdID>, of account: AccountID, in transaction: any Transaction) throws -> [AdRecord] {
    let ads = ads.sorted()
    return try stride(from: 0, to: ads.count, by: Self.adsAtOnce).flatMap { start in
      let asked = ads[start..<min(start + Self.adsAtOnce, ads.count)]
      return try transaction.query(
        "SELECT * FROM ad_states WHERE account_id = \(account) AND ad_id IN (\(.list(asked)))"
      ).map { try Self.table.read($0, record(from:)) }
    }
  }

  func getAll(of account: AccountID, in transaction: any Transaction) throws -> [AdRecord] {
    var ads: [AdRecord] = []
    try transaction.forEach("SELECT * FROM ad_states WHERE account_id = \(account) ORDER BY ad_id") {
      ads.append(try Self.table.read($0, record(from:)))
    }
    return ads
  }

  /// The ads' totals over the days up to `day`; the worth of their deals is left at zero.
  func getAll(
    of account: AccountID, asOf day: CalendarDay, in transaction: any Transaction
  ) throws -> [AdRecord] {
    var ads: [AdRecord] = []
    try transaction.forEach(
      """
      SELECT s.account_id, s.ad_id, s.name, \(Self.totals("m.")),
        0 AS deal_pipeline_value, 0 AS deal_cash_revenue
      FROM ad_states s JOIN ad_daily_metrics m ON m.account_id = s.account_id AND m.ad_id = s.ad_id
      WHERE s.account_id = \(account) AND m.date <= \(day)
      GROUP BY s.account_id, s.ad_id, s.name
      ORDER BY s.ad_id
      """
    ) { ads.append(try Self.table.read($0, record(from:))) }
    return ads
  }

  /// Stores daily figures, including restated days, and updates their ads' totals.
  func updateFromMeta(
    of account: AccountID, insights: [DailyMetrics], importID: Int, at time: FigureTime,
    in transaction: any Transaction
  ) throws {
    var writer = try DailyMetricsWriter(
      account: account, importID: importID, at: time, sumsRows: false, in: transaction)
    try writer.write(insights)
    try writer.finish()
  }

  /// Sets the worth of the deals of each ad; an ad without figures is skipped.
  func updateFromHubSpot(
    _ totals: [AdID: PipelineTotals], of account: AccountID, in transaction: any Transaction
  ) throws {
    let hole = SQLValue.null
    let update = try transaction.prepare(
      """
      UPDATE ad_states SET deal_pipeline_value = \(hole), deal_cash_revenue = \(hole)
      WHERE account_id = \(hole) AND ad_id = \(hole)
      """)
    // In a fixed order of ads, so that two transactions wait for each other instead of deadlocking.
    try update.execute(
      each: totals.sorted { $0.key < $1.key }.map { adID, totals in
        [totals.pipelineValue.sqlValue, totals.cashRevenue.sqlValue, account.sqlValue, adID.sqlValue]
      })
  }

  /// Adds to the worth of the ad's deals; an ad without figures is skipped.
  func addFromHubSpot(
    _ adID: AdID, of account: AccountID, change: PipelineTotals, in transaction: any Transaction
  ) throws {
    try transaction.execute(
      """
      UPDATE ad_states
      SET deal_pipeline_value = deal_pipeline_value + \(change.pipelineValue),
        deal_cash_revenue = deal_cash_revenue + \(change.cashRevenue)
      WHERE account_id = \(account) AND ad_id = \(adID)
      """)
  }

  /// Recomputes the sums of the daily figures of `ads`.
  func sumDays(of ads: [AdID], account: AccountID, in transaction: any Transaction) throws {
    let hole = SQLValue.null
    let summing = try transaction.prepare(
      """
      INSERT INTO ad_states (
        account_id, ad_id, impressions, clicks, spend, reported_pipeline_value, reported_cash_revenue,
        first_day, last_day, last_delivery, deal_pipeline_value, deal_cash_revenue)
      SELECT account_id, ad_id, \(Self.totals("")), 0, 0
      FROM ad_daily_metrics
      WHERE account_id = \(hole) AND ad_id = \(hole)
      GROUP BY account_id, ad_id
      ON CONFLICT (account_id, ad_id) DO UPDATE SET
        impressions = excluded.impressions, clicks = excluded.clicks, spend = excluded.spend,
        reported_pipeline_value = excluded.reported_pipeline_value,
        reported_cash_revenue = excluded.reported_cash_revenue,
        first_day = excluded.first_day, last_day = excluded.last_day, last_delivery = excluded.last_delivery
      """)
    try summing.execute(each: ads.sorted().map { [account.sqlValue, $0.sqlValue] })
  }

  /// The last day with figures of any ad; nil for an account without figures.
  func lastDay(of account: AccountID, in transaction: any Transaction) throws -> CalendarDay? {
    try transaction.first("SELECT MAX(last_day) AS day FROM ad_states WHERE account_id = \(account)")?
      .getOptional("day")
  }

  /// How many ads of the account have figures.
  func count(of account: AccountID, in transaction: any Transaction) throws -> Int {
    try transaction.first("SELECT COUNT(*) AS n FROM ad_states WHERE account_id = \(account)")?.get("n") ?? 0
  }

  /// Whether the account has figures of any ad.
  func hasFigures(_ account: AccountID, in transaction: any Transaction) throws -> Bool {
    try transaction.first("SELECT 1 AS found FROM ad_daily_metrics WHERE account_id = \(account) LIMIT 1") != nil
  }

  /// Passes the days of figures from `first` to `last` to `body`, each ad's oldest first.
  ///
  /// With `knownAt`, a day that was restated later is as it was known then; a day that was first reported later, as
  /// with files of the past, is as it was first reported.
  func forEachDay(
    of account: AccountID, from first: CalendarDay, to last: CalendarDay, knownAt: Instant?,
    in transaction: any Transaction, _ body: (AdDay) throws -> Void
  ) throws {
    try transaction.forEach(Self.days(of: account, from: first, to: last, knownAt: knownAt)) { row in
      let spend: Money = try row.get("spend")
      try body(
        AdDay(
          adID: try row.get("ad_id"), day: try row.get("date"), spend: spend.majorUnits,
          impressions: try row.get("impressions"), clicks: try row.get("clicks"),
          leads: try row.getOptional("leads")))
    }
  }

  /// The statement of ``forEachDay(of:from:to:knownAt:in:_:)``.
  static func days(
    of account: AccountID, from first: CalendarDay, to last: CalendarDay, knownAt: Instant?
  ) -> SQL {
    let present: SQL = """
      SELECT ad_id, date, impressions, clicks, spend, leads, import_id, known_at FROM ad_daily_metrics
      WHERE account_id = \(account) AND date BETWEEN \(first) AND \(last)
      """
    guard let knownAt else { return "\(present) ORDER BY ad_id, date" }
    return """
      SELECT ad_id, date, impressions, clicks, spend, leads FROM (
        SELECT v.*, ROW_NUMBER() OVER (
          PARTITION BY v.ad_id, v.date
          ORDER BY CASE WHEN v.known_at <= \(knownAt) THEN 0 ELSE 1 END,
            CASE WHEN v.known_at <= \(knownAt) THEN -v.import_id ELSE v.import_id END) AS place
        FROM (
          \(present)
          UNION ALL
          SELECT ad_id, date, impressions, clicks, spend, leads, import_id, known_at FROM restated_days
          WHERE account_id = \(account) AND date BETWEEN \(first) AND \(last)
        ) v
      ) w WHERE place = 1 ORDER BY ad_id, date
      """
  }

  /// Sets the worth of the deals of every ad of the account to zero.
  func clearDeals(of account: AccountID, in transaction: any Transaction) throws {
    try transaction.execute(
      """
      UPDATE ad_states SET deal_pipeline_value = \(Money.zero), deal_cash_revenue = \(Money.zero)
      WHERE account_id = \(account)
      """)
  }

  /// Records a new batch of figures and returns its number.
  func startImport(
    of account: AccountID, source: String, fileName: String, by author: AuditActor, at now: Instant,
    in transaction: any Transaction
  ) throws -> Int {
    let row = try transaction.first(
      """
      INSERT INTO imports (account_id, import_id, source, file_name, imported_at, author)
      SELECT \(account), COALESCE(MAX(import_id), 0) + 1, \(source), \(fileName), \(now), \(author.description)
      FROM imports WHERE account_id = \(account)
      RETURNING import_id
      """)
    guard let row else { throw DatabaseError.failed("imports gave no number") }
    return try row.get("import_id")
  }

  /// Removes up to `limit` imports that no stored figure comes from any more, where they are older than `moment` or not
  /// among the latest `count`; returns how many. The latest one stays, because it determines the next number.
  func removeImports(
    of account: AccountID, before moment: Instant, keeping count: Int, limit: Int, in transaction: any Transaction
  ) throws -> Int {
    let latest: Int? = try transaction.first(
      "SELECT MAX(import_id) AS latest FROM imports WHERE account_id = \(account)")?.getOptional("latest")
    guard let latest else { return 0 }
    return try transaction.execute(
      """
      DELETE FROM imports WHERE account_id = \(account) AND import_id IN (
        SELECT import_id FROM imports
        WHERE account_id = \(account) AND import_id < \(latest)
          AND (imported_at < \(moment) OR import_id <= \(latest - count))
          AND import_id NOT IN (SELECT import_id FROM ad_daily_metrics WHERE account_id = \(account))
          AND import_id NOT IN (SELECT import_id FROM restated_days WHERE account_id = \(account))
        ORDER BY import_id LIMIT \(limit))
      """)
  }

  private static func totals(_ table: String) -> SQL {
    let column = { (name: String) in SQL(stringLiteral: table + name) }
    let sum = { (name: String, sumName: String, type: ColumnType) -> SQL in
      "CAST(SUM(COALESCE(\(column(name)), 0)) AS \(type: type)) AS \(SQL(stringLiteral: sumName))"
    }
    let date = column("date")
    return """
      \(sum("impressions", "impressions", .integer)), \(sum("clicks", "clicks", .integer)),
      \(sum("spend", "spend", .money)), \(sum("pipeline_value", "reported_pipeline_value", .money)),
      \(sum("cash_revenue", "reported_cash_revenue", .money)), MIN(\(date)) AS first_day, MAX(\(date)) AS last_day,
      MAX(CASE WHEN \(column("impressions")) > 0 OR \(column("spend")) > 0 THEN \(date) END) AS last_delivery
      """
  }

  private func record(from row: Row) throws -> AdRecord {
    AdRecord(
      accountID: try row.get("account_id"), adID: try row.get("ad_id"), name: try row.getOptional("name"),
      impressions: try row.get("impressions"), clicks: try row.get("clicks"), spend: try row.get("spend"),
      reported: PipelineTotals(
        pipelineValue: try row.get("reported_pipeline_value"), cashRevenue: try row.get("reported_cash_revenue")),
      deals: PipelineTotals(
        pipelineValue: try row.get("deal_pipeline_value"), cashRevenue: try row.get("deal_cash_revenue")),
      firstDay: try row.get("first_day"), lastDay: try row.get("last_day"),
      lastDelivery: try row.getOptional("last_delivery"))
  }
}
