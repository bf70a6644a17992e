import Storage
import Values

/// The SQL of stored days, for comparing them with what a platform reports now.
struct ReportedDayRepository {
  /// How many ads one statement looks up: it takes some thousand values at most.
  private static let adsAtOnce = 500

  /// The stored days of `ads` from `first` to `last`.
  func days(
    of ads: Set<AdID>, account: AccountID, from first: CalendarDay, to last: CalendarDay,
    in transaction: any Transaction
  ) throws -> [AdDate: DailyMetrics] {
    var days: [AdDate: DailyMetrics] = [:]
    let ads = ads.sorted()
    for start in stride(from: 0, to: ads.count, by: Self.adsAtOnce) {
      let part = ads[start..<min(start + Self.adsAtOnce, ads.count)]
      try transaction.forEach(
        """
        SELECT ad_id, date, impressions, clicks, spend, reach, frequency, leads FROM ad_daily_metrics
        WHERE account_id = \(account) AND ad_id IN (\(.list(part))) AND date BETWEEN \(first) AND \(last)
        """
      ) { row in
        var day = DailyMetrics(
          adID: try row.get("ad_id"), day: try row.get("date"), impressions: try row.get("impressions"),
          clicks: try row.get("clicks"), spend: try row.get("spend"))
        day.reach = try row.getOptional("reach")
        day.frequency = try row.getOptional("frequency")
        day.leads = try row.getOptional("leads")
        days[AdDate(day)] = day
      }
    }
    return days
  }
}
