import Accounts
import DecisionEngine
import Storage
import Values

/// How fast an ad spends, and today's results.
package struct RecentPace: Hashable, Sendable {
  /// Its average spend per day, over its days with figures among the last seven whole days, in minor units.
  package var dailySpend: Int64 = 0
  /// What it has spent today, in minor units.
  package var spentToday: Int64 = 0
  /// Today's leads, and deals that entered their current stage today, without lost ones.
  package var resultsToday: Int64 = 0
}

extension AdService {
  /// How many whole days a pace covers.
  private static let paceDays = 7

  /// How fast the account's ads spend at `now`, without ads that have no recent figures.
  package func paces(
    of account: AccountID, _ configuration: AccountConfiguration, at now: Instant, in transaction: any Transaction
  ) throws -> [AdID: RecentPace] {
    let calendar = try configuration.calendar
    let today = calendar.day(of: now)
    let unit = Double(configuration.currency.minorUnitsPerMajor)
    var paces: [AdID: RecentPace] = [:]
    var spent: [AdID: (sum: Double, days: Int)] = [:]
    try repository.forEachDay(
      of: account, from: today.adding(days: -Self.paceDays), to: today, knownAt: nil, in: transaction
    ) { day in
      var pace = paces[day.adID] ?? RecentPace()
      if day.day == today {
        pace.spentToday = Int64(clamping: (day.spend * unit).rounded())
        pace.resultsToday += Int64(day.leads ?? 0)
      } else {
        let known = spent[day.adID] ?? (0, 0)
        spent[day.adID] = (known.sum + day.spend, known.days + 1)
      }
      paces[day.adID] = pace
    }
    for (adID, known) in spent {
      paces[adID]?.dailySpend = Int64(clamping: (known.sum / Double(known.days) * unit).rounded())
    }
    try deals.forEachEntered(
      of: account, configuration, since: calendar.start(of: today), in: transaction
    ) { paces[$0, default: RecentPace()].resultsToday += 1 }
    return paces
  }
}
