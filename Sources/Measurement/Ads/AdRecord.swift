import Accounts
import DecisionEngine
import Storage
import Values

/// What is stored for an ad: its totals and their sources.
package struct AdRecord: Hashable, Sendable {
  /// The account that pays for the ad.
  package var accountID: AccountID
  package var adID: AdID
  /// The ad's name, where known.
  package var name: String?
  /// Impressions so far.
  package var impressions: Int
  /// Clicks so far.
  package var clicks: Int
  /// Money spent so far.
  package var spend: Money
  /// Pipeline value and revenue that were reported beside the daily figures.
  package var reported: PipelineTotals
  /// Pipeline value and revenue of the ad's deals.
  package var deals: PipelineTotals
  /// The first day with figures.
  package var firstDay: CalendarDay
  /// The last day with figures.
  package var lastDay: CalendarDay
  /// The last day on which it was shown or cost something; nil where there is none.
  package var lastDelivery: CalendarDay?

  /// The ad's state for a decision at `now`. Throws where a total is impossible.
  package func state(at now: Instant, calendar: AccountCalendar) throws(UnreadableRow) -> AdState {
    try AdStateRepository.table.read(key: [accountID.value, adID.value]) {
      try AdState(
        accountID: accountID, adID: adID, impressions: impressions, clicks: clicks, spend: spend.majorUnits,
        pipelineValue: reported.pipelineValue.majorUnits + deals.pipelineValue.majorUnits,
        cashRevenue: reported.cashRevenue.majorUnits + deals.cashRevenue.majorUnits,
        ageHours: max(0, now.hours(since: calendar.start(of: firstDay))))
    }
  }
}
