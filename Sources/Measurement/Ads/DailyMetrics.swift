import Values
import Web

/// An ad's figures for one day of its account, as reported by a platform or a spreadsheet.
package struct DailyMetrics: Hashable, Sendable {
  package var adID: AdID
  /// The ad's name, where reported.
  package var adName: String?
  /// The day, in the account's time zone.
  package var day: CalendarDay
  /// Times shown.
  package var impressions: Int
  /// Clicks, at most ``impressions``.
  package var clicks: Int
  /// Money spent.
  package var spend: Money
  /// People who were shown the ad, where reported.
  package var reach: Int?
  /// Mean times each of them was shown it, where reported.
  package var frequency: Double?
  /// Leads, where reported.
  package var leads: Int?
  /// Pipeline value reported with the figures, where there is no CRM that provides it.
  package var pipelineValue: Money?
  /// Revenue reported with the figures, where there is no CRM that provides it.
  package var cashRevenue: Money?
  /// Sales reported with the figures; each becomes a won deal of the account's average order value.
  package var wonDeals: Int?
  /// Whether the ad runs, where that is reported with the figures.
  package var delivery: DeliveryState?

  /// A day with the figures that are always present; the others are unknown at first.
  package init(adID: AdID, day: CalendarDay, impressions: Int, clicks: Int, spend: Money) {
    self.adID = adID
    self.day = day
    self.impressions = impressions
    self.clicks = clicks
    self.spend = spend
  }

  /// The first rule that the figures violate, by field, value and rule; nil where they violate none.
  package var problem: FieldProblem? {
    if let problem = Self.problem("impressions", impressions) ?? Self.problem("clicks", clicks)
      ?? Self.problem("reach", reach) ?? Self.problem("leads", leads) ?? Self.problem("won_deals", wonDeals)
    {
      return problem
    }
    if let wonDeals, wonDeals > Self.largestDealCount {
      return FieldProblem(field: "won_deals", value: "\(wonDeals)", rule: "must be at most \(Self.largestDealCount)")
    }
    if clicks > impressions {
      return FieldProblem(field: "clicks", value: "\(clicks)", rule: "must not exceed impressions (\(impressions))")
    }
    if let problem = Self.problem("spend", spend) ?? Self.problem("pipeline_value", pipelineValue)
      ?? Self.problem("cash_revenue", cashRevenue)
    {
      return problem
    }
    if let frequency, !frequency.isFinite || frequency < 0 {
      return FieldProblem(field: "frequency", value: "\(frequency)", rule: "must be a finite number, 0 or more")
    }
    return nil
  }

  private static func problem(_ field: String, _ count: Int?) -> FieldProblem? {
    guard let count, count < 0 || count > largestCount else { return nil }
    return FieldProblem(field: field, value: "\(count)", rule: "must be 0 to \(largestCount)")
  }

  private static func problem(_ field: String, _ amount: Money?) -> FieldProblem? {
    guard let amount, amount < .zero else { return nil }
    return FieldProblem(field: field, value: "\(amount)", rule: "must be 0 or more")
  }

  /// The rule that a future day violates, where it is `today` in the account's time zone; nil for any other day.
  ///
  /// One day of tolerance covers reports from a zone that is ahead of the account's.
  func problem(today: CalendarDay) -> FieldProblem? {
    guard day > today.adding(days: 1) else { return nil }
    return FieldProblem(
      field: "date", value: "\(day)", rule: "must not be in the future: it is \(today) in the account's time zone")
  }

  private static let largestCount = 1_000_000_000_000
  private static let largestDealCount = 10_000
}
