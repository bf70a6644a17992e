import Accounts
import DecisionEngine
import Storage
import Values

extension AdService {
  /// What is known of the account's ads and, for those that run, their days among the last `count` complete days for
  /// which there may be figures, oldest first. Read in one snapshot.
  package func knownWithDays(
    _ count: Int, of account: AccountID
  ) async throws -> (known: KnownAds, days: [AdID: [DailyMetrics]]) {
    let now = clock()
    return try await database.read { [self] transaction in
      let configuration = try accounts.configuration(of: account, in: transaction)
      let known = try known(of: account, configuration, asOf: nil, at: now, withHistory: false, in: transaction)
      let yesterday = try configuration.calendar.day(of: now).adding(days: -1)
      let last = min(known.freshness.figuresAsOf ?? yesterday, yesterday)
      var days: [AdID: [DailyMetrics]] = Dictionary(uniqueKeysWithValues: known.running.map { ($0.adID, []) })
      try self.days.forEach(of: account, from: last.adding(days: 1 - count), to: last, in: transaction) {
        days[$0.adID]?.append($0)
      }
      return (known, days)
    }
  }

  /// The worth of ads' deals at a moment for each ad, and their worth now, both by the account's current stages.
  package func worth(
    of account: AccountID, at moments: [AdID: Instant]
  ) async throws -> [AdID: (then: PipelineTotals, now: PipelineTotals)] {
    guard let latest = moments.values.max() else { return [:] }
    return try await database.read { [self] transaction in
      let configuration = try accounts.configuration(of: account, in: transaction)
      let then = try deals.totals(of: account, until: latest, configuration, in: transaction) { moments[$0] }
      let now = try deals.totals(of: Set(moments.keys), account: account, configuration, in: transaction)
      return moments.keys.reduce(into: [:]) { $0[$1] = (then[$1] ?? .zero, now[$1] ?? .zero) }
    }
  }
}
