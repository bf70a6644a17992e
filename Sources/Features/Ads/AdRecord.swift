import DecisionEngine
import Values

/// What is stored of an ad: its totals and where they come from.
public struct AdRecord: Hashable, Sendable {
  /// The account that pays for the ad.
  public var accountID: AccountID
  /// The ad.
  public var adID: AdID
  /// The ad's name, where known.
  public var name: String?
  /// Times shown so far.
  public var impressions: Int
  /// Clicks so far.
  public var clicks: Int
  /// Money spent so far.
  public var spend: Money
  /// Pipeline value and revenue that were reported beside the daily figures.
  public var reported: PipelineTotals
  /// Pipeline value and revenue of the ad's deals.
  public var deals: PipelineTotals
  /// The first day with figures.
  public var firstDay: CalendarDay
  /// The last day with figures.
  public var lastDay: CalendarDay
  /// The last day on which it was shown or cost something; nil where there is none.
  public var lastDelivery: CalendarDay?

  /// The state a decision is made on at `now`. Throws an `AdStateError` where a total cannot be.
  public func state(at now: Instant, calendar: AccountCalendar) throws(AdStateError) -> AdState {
    try AdState(
      accountID: accountID, adID: adID, impressions: impressions, clicks: clicks, spend: spend.majorUnits,
      pipelineValue: reported.pipelineValue.majorUnits + deals.pipelineValue.majorUnits,
      cashRevenue: reported.cashRevenue.majorUnits + deals.cashRevenue.majorUnits,
      ageHours: max(0, now.hours(since: calendar.start(of: firstDay))))
  }
}
