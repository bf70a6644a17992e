import Accounts
import Storage
import Values

/// A platform's complete report about its ads on consecutive days: an ad without a row for a day delivered nothing on
/// it.
package struct PlatformReport: Sendable {
  /// The platform's name, used as the source of imports and of statements about delivery.
  package let platform: String
  /// The first and the last day covered, in the account's time zone.
  package let first: CalendarDay
  package let last: CalendarDay
  /// The days with a row, in any order, with each ad and day once.
  package let days: [DailyMetrics]
  /// All ads of the platform, including those without a row.
  package let ads: Set<AdID>
  /// The display names of the ads, where known.
  package let names: [AdID: String]

  package init(
    platform: String, first: CalendarDay, last: CalendarDay, days: [DailyMetrics], ads: Set<AdID>,
    names: [AdID: String]
  ) {
    self.platform = platform
    self.first = first
    self.last = last
    self.days = days
    self.ads = ads
    self.names = names
  }
}

/// A report that lacks most of what was reported before, which is more likely a fault of the platform than correct.
package struct ReportTooShort: Error, Equatable, CustomStringConvertible {
  /// Days of ads that had delivered something and are missing from the report.
  package let missing: Int
  /// Days of ads that had delivered something.
  package let stored: Int

  package init(missing: Int, stored: Int) {
    self.missing = missing
    self.stored = stored
  }

  package var description: String {
    "the report lacks \(missing) of \(stored) days of ads that delivered something by earlier reports; they are kept"
  }
}

extension AdService {
  /// How many rows are written in one transaction, so that other writes do not wait long for it.
  static let reportedRowsAtOnce = 5_000

  /// Stores those of `days` that differ from what is stored, including restated ones, and returns how many did.
  ///
  /// It works ad by ad, in several transactions: after a failure some ads may be up to date. What was known of a day at
  /// each midnight stays known, however often the day is reported. Throws a ``QuotaError`` beyond the account's quota
  /// of ads.
  @discardableResult
  package func take(_ days: [DailyMetrics], from platform: String, of account: AccountID) async throws -> Int {
    let byAd = Dictionary(grouping: days, by: \.adID).sorted { $0.key < $1.key }.map(\.value)
    var written = 0
    var part: [DailyMetrics] = []
    for (index, ad) in byAd.enumerated() {
      part += ad
      guard part.count >= Self.reportedRowsAtOnce || index == byAd.count - 1 else { continue }
      let rows = part
      part = []
      written += try await accounts.write(inTurnOf: account) { [self] configuration, transaction in
        try write(rows, from: platform, of: account, configuration, in: transaction)
      }
    }
    return written
  }

  /// Sets stored days that are missing from the report to zero, and returns how many there were.
  ///
  /// An ad of `running` gets a day of zeros for each of `silentDays` without a row: it could have delivered then and
  /// did not, whereas an ad that was paused has no day at all. Throws a ``ReportTooShort``; then nothing is changed.
  @discardableResult
  package func takeSilence(
    of report: PlatformReport, running: Set<AdID>, on silentDays: [CalendarDay], account: AccountID
  ) async throws -> Int {
    try await accounts.write(inTurnOf: account) { [self] configuration, transaction in
      let stored = try ReportedDayRepository().days(
        of: report.ads, account: account, from: report.first, to: report.last, in: transaction)
      let reported = Set(report.days.map { AdDate($0) })
      let delivered = stored.filter { $0.value.impressions > 0 || $0.value.spend > .zero }
      var silent = Set(delivered.keys.filter { !reported.contains($0) })
      guard silent.count * 2 <= delivered.count else {
        throw ReportTooShort(missing: silent.count, stored: delivered.count)
      }
      for day in silentDays {
        silent.formUnion(
          running.map { AdDate(adID: $0, date: day) }.filter { !reported.contains($0) && stored[$0] == nil })
      }
      let days = silent.map { $0.silence(named: report.names[$0.adID]) }
      return try write(days, from: report.platform, of: account, configuration, in: transaction)
    }
  }

  /// Stores which of the platform's ads run, as it reports on `day`; only for ads with figures, because others have no
  /// effect.
  package func takeDelivery(
    _ states: [AdID: DeliveryState], from platform: String, on day: CalendarDay, of account: AccountID
  ) async throws {
    try await accounts.write(inTurnOf: account) { [self] configuration, transaction in
      let known = Set(try repository.getAll(of: account, in: transaction).map(\.adID))
      let states = states.filter { known.contains($0.key) }
      let changed = try takeDelivery(states, from: platform, asOf: day, of: account, at: clock(), in: transaction)
      try announce(.delivery, changed, of: account, configuration, in: transaction)
    }
  }

  private func write(
    _ days: [DailyMetrics], from platform: String, of account: AccountID, _ configuration: AccountConfiguration,
    in transaction: any Transaction
  ) throws -> Int {
    guard let first = days.map(\.day).min(), let last = days.map(\.day).max() else { return 0 }
    let stored = try ReportedDayRepository().days(
      of: Set(days.map(\.adID)), account: account, from: first, to: last, in: transaction)
    let new = days.filter { day in stored[AdDate(day)].map { !$0.reportsTheSame(as: day) } ?? true }
    guard !new.isEmpty else { return 0 }
    try quotas.hold(.ads, of: account, in: transaction) {
      var figures = try DailyMetricsImport(
        of: account, configuration, source: platform, fileName: "", sumsRows: false, by: .system, ads: self,
        deals: deals, at: clock(), in: transaction)
      _ = try figures.write(new)
      _ = try figures.finish()
    }
    return new.count
  }
}

extension DailyMetrics {
  /// Whether a platform reports the same for the day as before.
  fileprivate func reportsTheSame(as other: DailyMetrics) -> Bool {
    impressions == other.impressions && clicks == other.clicks && spend == other.spend && leads == other.leads
      && reach == other.reach && frequency == other.frequency
  }
}

extension AdDate {
  /// A day of zeros for an ad that delivered nothing on it.
  fileprivate func silence(named name: String?) -> DailyMetrics {
    var day = DailyMetrics(adID: adID, day: date, impressions: 0, clicks: 0, spend: .zero)
    day.adName = name
    day.leads = 0
    return day
  }
}
