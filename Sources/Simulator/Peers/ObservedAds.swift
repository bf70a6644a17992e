import DecisionEngine
import Values

/// Running totals of what is known about an account's ads: the only input of the peers.
struct ObservedAds: Sendable {
  /// What is known of one ad. Amounts are in major units.
  struct Totals: Sendable {
    let launchedAt: Instant
    fileprivate(set) var spend = 0.0
    fileprivate(set) var impressions = 0
    fileprivate(set) var clicks = 0
    fileprivate(set) var leads = 0
    /// Deals that have been reported.
    fileprivate(set) var deals = 0
    /// The value of the deals at their current stages; a sale at its amount.
    fileprivate(set) var syntheticRevenue = 0.0
    /// Deals that are won now.
    fileprivate(set) var sales = 0
    /// The revenue of these.
    fileprivate(set) var revenue = 0.0
    fileprivate var days: [CalendarDay: AdDay] = [:]
  }

  /// A deal's state by its latest event.
  private struct Deal {
    var adID: AdID?
    var latest: Instant
    var value = 0.0
    var amount: Double?
    var position: Int?
  }

  private let funnel: SalesFunnel
  private var ads: [AdID: Totals] = [:]
  private var deals: [String: Deal] = [:]

  init(funnel: SalesFunnel) {
    self.funnel = funnel
  }

  /// Learns what became known.
  mutating func take(_ day: PolicyDay) {
    for ad in day.ads where ads[ad.adID] == nil { ads[ad.adID] = Totals(launchedAt: ad.launchedAt) }
    for report in day.metrics { take(report) }
    for event in day.deals { take(event) }
  }

  /// What is known about an ad; zeros for one that was never listed.
  func totals(of adID: AdID, now: Instant) -> Totals {
    ads[adID] ?? Totals(launchedAt: now)
  }

  /// A report of a day replaces an earlier one.
  private mutating func take(_ report: AdDay) {
    guard var totals = ads[report.adID] else { return }
    if let former = totals.days.updateValue(report, forKey: report.day) {
      totals.spend -= former.spend
      totals.impressions -= former.impressions
      totals.clicks -= former.clicks
      totals.leads -= former.leads ?? 0
    }
    totals.spend += report.spend
    totals.impressions += report.impressions
    totals.clicks += report.clicks
    totals.leads += report.leads ?? 0
    ads[report.adID] = totals
  }

  /// A deal counts as its latest event says, whatever order the events come in.
  private mutating func take(_ event: DealEvent) {
    var deal = deals[event.dealID] ?? Deal(latest: event.occurredAt)
    if deals[event.dealID] != nil { count(deal, -1) }
    deal.adID = event.adID ?? deal.adID
    deal.amount = event.amount ?? deal.amount
    if event.occurredAt >= deal.latest {
      deal.latest = event.occurredAt
      deal.position = if case .entered(let position) = event.move { position } else { nil }
    }
    deal.value = deal.position.map { $0 == funnel.stepCount ? deal.amount ?? saleValue : funnel.stages[$0].value } ?? 0
    count(deal, 1)
    deals[event.dealID] = deal
  }

  /// Adds a deal to the totals (`count` 1) or removes it (-1).
  private mutating func count(_ deal: Deal, _ count: Int) {
    guard let adID = deal.adID else { return }
    ads[adID]?.deals += count
    ads[adID]?.syntheticRevenue += Double(count) * deal.value
    guard deal.position == funnel.stepCount else { return }
    ads[adID]?.sales += count
    ads[adID]?.revenue += Double(count) * deal.value
  }

  /// What the account expects of a sale, in major units.
  private var saleValue: Double { funnel.stages[funnel.stepCount].value }
}
