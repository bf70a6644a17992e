import Accounts
import Storage
import Values

/// The SQL of the days by which wear is judged.
struct DailyFiguresRepository: Sendable {
  /// The ad's last `count` days with figures before `day`, oldest first.
  func lastDays(
    _ count: Int, of adID: AdID, account: AccountID, before day: CalendarDay, in transaction: any Transaction
  ) throws -> [DailyMetrics] {
    try transaction.query(
      """
      SELECT ad_id, date, impressions, clicks, spend, frequency FROM ad_daily_metrics
      WHERE account_id = \(account) AND ad_id = \(adID) AND date < \(day) ORDER BY date DESC LIMIT \(count)
      """
    ).reversed().map(Self.delivery)
  }

  /// Passes the days by which wear is judged to `body`: each ad's days from `first` to `last`, ad by ad and oldest
  /// first.
  func forEach(
    of account: AccountID, from first: CalendarDay, to last: CalendarDay, in transaction: any Transaction,
    _ body: (DailyMetrics) throws -> Void
  ) throws {
    try transaction.forEach(
      """
      SELECT ad_id, date, impressions, clicks, spend, frequency FROM ad_daily_metrics
      WHERE account_id = \(account) AND date BETWEEN \(first) AND \(last) ORDER BY ad_id, date
      """
    ) { try body(Self.delivery(from: $0)) }
  }

  private static func delivery(from row: Row) throws -> DailyMetrics {
    var day = DailyMetrics(
      adID: try row.get("ad_id"), day: try row.get("date"), impressions: try row.get("impressions"),
      clicks: try row.get("clicks"), spend: try row.get("spend"))
    day.frequency = try row.getOptional("frequency")
    return day
  }
}
