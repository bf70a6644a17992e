import Storage
import Values

/// Merges the rows of an ad's other spelling into those of its canonical id.
struct AdMerge {
  /// The tables with an ad id.
  static let tables = [
    "ad_daily_metrics", "ad_states", "restated_days", "ad_delivery", "deals", "attributions", "clicks",
  ]

  private let account: AccountID
  private let old: String
  private let new: String
  private let transaction: any Transaction

  init(_ spelling: Spelling, _ transaction: any Transaction) {
    account = spelling.account
    old = spelling.name
    new = spelling.canonical
    self.transaction = transaction
  }

  func merge() throws {
    try mergeDays()
    try move("restated_days", unlessSame: ["date", "import_id"])
    try move("ad_delivery", unlessSame: ["source", "stated_at"])
    for table in ["deals", "attributions", "clicks"] { try move(table) }
    try mergeStates()
  }

  /// Where both spellings have a day, the later import counts; two rows of one import are breakdowns and are summed.
  private func mergeDays() throws {
    let doubles = try transaction.query(
      """
      SELECT o.date AS date, o.import_id AS old_import, n.import_id AS new_import
      FROM ad_daily_metrics o JOIN ad_daily_metrics n
        ON n.account_id = o.account_id AND n.ad_id = \(new) AND n.date = o.date
      WHERE o.account_id = \(account) AND o.ad_id = \(old) ORDER BY o.date
      """)
    for row in doubles {
      let day: CalendarDay = try row.get("date")
      let (oldImport, newImport): (Int, Int) = (try row.get("old_import"), try row.get("new_import"))
      if oldImport == newImport {
        try addUp(day)
        try delete(old, day)
      } else {
        let loser = oldImport < newImport ? old : new
        try archive(loser, day)
        try deleteSales(of: loser, on: day)
        try delete(loser, day)
      }
    }
    try move("ad_daily_metrics")
  }

  private func addUp(_ day: CalendarDay) throws {
    let columns = ["impressions", "clicks", "spend", "leads", "pipeline_value", "cash_revenue"]
    let sums = columns.map { column -> SQL in
      let name = SQL(stringLiteral: column)
      let other: SQL = """
        (SELECT o.\(name) FROM ad_daily_metrics o
         WHERE o.account_id = \(account) AND o.ad_id = \(old) AND o.date = \(day))
        """
      return "\(name) = COALESCE(\(name) + \(other), \(name), \(other))"
    }
    try transaction.execute(
      """
      UPDATE ad_daily_metrics SET \(SQLText.joined(sums, by: ", ")), reach = NULL, frequency = NULL
      WHERE account_id = \(account) AND ad_id = \(new) AND date = \(day)
      """)
  }

  /// Archives the previous figures of the day.
  private func archive(_ adID: String, _ day: CalendarDay) throws {
    try transaction.execute(
      """
      INSERT INTO restated_days (account_id, ad_id, date, import_id, impressions, clicks, spend, leads, known_at)
      SELECT account_id, ad_id, date, import_id, impressions, clicks, spend, leads, known_at FROM ad_daily_metrics
      WHERE account_id = \(account) AND ad_id = \(adID) AND date = \(day)
      ON CONFLICT (account_id, ad_id, date, import_id) DO NOTHING
      """)
  }

  /// Sales that a file reported for an ad's day are deals whose ids begin with both.
  private func deleteSales(of adID: String, on day: CalendarDay) throws {
    let prefix = "sale:\(adID):\(day):"
    let sales: SQL = """
      account_id = \(account) AND substr(deal_id, 1, \(SQL(stringLiteral: "\(prefix.unicodeScalars.count)"))) = \(prefix)
      """
    try transaction.execute("DELETE FROM deal_stage_history WHERE \(sales)")
    try transaction.execute("DELETE FROM deals WHERE \(sales)")
  }

  private func delete(_ adID: String, _ day: CalendarDay) throws {
    try transaction.execute(
      "DELETE FROM ad_daily_metrics WHERE account_id = \(account) AND ad_id = \(adID) AND date = \(day)")
  }

  /// Changes a table's rows to the canonical id, except those whose key exists there already.
  private func move(_ table: String, unlessSame keys: [String] = []) throws {
    let name = SQL(stringLiteral: table)
    if !keys.isEmpty {
      let same = SQL(stringLiteral: keys.map { "n.\($0) = o.\($0)" }.joined(separator: " AND "))
      try transaction.execute(
        """
        DELETE FROM \(name) AS o WHERE o.account_id = \(account) AND o.ad_id = \(old) AND EXISTS (
          SELECT 1 FROM \(name) n WHERE n.account_id = o.account_id AND n.ad_id = \(new) AND \(same))
        """)
    }
    try transaction.execute("UPDATE \(name) SET ad_id = \(new) WHERE account_id = \(account) AND ad_id = \(old)")
  }

  /// Recomputes the sums of the ad's days; the worth of its deals follows once the account's deals have been merged.
  private func mergeStates() throws {
    let oldName: String? = try transaction.first(
      "SELECT name FROM ad_states WHERE account_id = \(account) AND ad_id = \(old)")?.getOptional("name")
    try transaction.execute("DELETE FROM ad_states WHERE account_id = \(account) AND ad_id = \(old)")
    try transaction.execute(
      """
      INSERT INTO ad_states (
        account_id, ad_id, impressions, clicks, spend, reported_pipeline_value, reported_cash_revenue, first_day,
        last_day, last_delivery, deal_pipeline_value, deal_cash_revenue)
      SELECT account_id, ad_id, CAST(SUM(impressions) AS \(type: .integer)), CAST(SUM(clicks) AS \(type: .integer)),
        CAST(SUM(spend) AS \(type: .money)), CAST(SUM(COALESCE(pipeline_value, 0)) AS \(type: .money)),
        CAST(SUM(COALESCE(cash_revenue, 0)) AS \(type: .money)), MIN(date), MAX(date),
        MAX(CASE WHEN impressions > 0 OR spend > 0 THEN date END), 0, 0
      FROM ad_daily_metrics WHERE account_id = \(account) AND ad_id = \(new) GROUP BY account_id, ad_id
      ON CONFLICT (account_id, ad_id) DO UPDATE SET
        impressions = excluded.impressions, clicks = excluded.clicks, spend = excluded.spend,
        reported_pipeline_value = excluded.reported_pipeline_value,
        reported_cash_revenue = excluded.reported_cash_revenue, first_day = excluded.first_day,
        last_day = excluded.last_day, last_delivery = excluded.last_delivery
      """)
    try transaction.execute(
      """
      UPDATE ad_states SET name = \(oldName.sqlValue) WHERE account_id = \(account) AND ad_id = \(new) AND name IS NULL
      """)
  }
}
