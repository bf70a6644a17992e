import Testing
import Values

@testable import DecisionEngine
@testable import Simulator

@Suite struct ObservedAdsTests {
  private let now = SimulatedWorld.start(of: 10)
  private let funnel: SalesFunnel
  private let (a, b): (AdID, AdID)

  init() throws {
    funnel = try #require(
      SalesFunnel([.init(name: "lead", value: 10), .init(name: "met", value: 50), .init(name: "won", value: 200)]))
    (a, b) = (try #require(AdID("a")), try #require(AdID("b")))
  }

  private func observed(_ reports: [AdDay] = [], _ events: [DealEvent] = []) -> ObservedAds {
    var observed = ObservedAds(funnel: funnel)
    let ads = [a, b].map { AdListing(adID: $0, launchedAt: now, isActive: true) }
    observed.take(PolicyDay(now: now, totalBudget: 1_000, ads: ads, metrics: reports, deals: events))
    return observed
  }

  private func event(
    _ move: DealEvent.Move, at seconds: Int64, of adID: AdID? = nil, amount: Double? = nil
  ) -> DealEvent {
    DealEvent(
      dealID: "deal", adID: adID, move: move, occurredAt: now.adding(seconds: seconds), amount: amount)
  }

  @Test func aRestatedDayReplacesItself() {
    let day = SimulatedWorld.firstDay
    let totals = observed([
      AdDay(adID: a, day: day, spend: 8, impressions: 80, clicks: 8, leads: nil),
      AdDay(adID: a, day: day.adding(days: 1), spend: 5, impressions: 50, clicks: 5, leads: 1),
      AdDay(adID: a, day: day, spend: 10, impressions: 100, clicks: 9, leads: 2),
    ]).totals(of: a, now: now)
    #expect(totals.spend == 15)
    #expect(totals.impressions == 150)
    #expect(totals.clicks == 14)
    #expect(totals.leads == 3)
  }

  @Test func aDealCountsAsItsLatestEventSaysInAnyOrder() {
    let events = [
      event(.entered(0), at: 0, of: a), event(.entered(1), at: 1, of: a),
      event(.entered(2), at: 2, of: a, amount: 300),
    ]
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1], [0, 2, 1, 0, 1, 2]] {
      let totals = observed([], order.map { events[$0] }).totals(of: a, now: now)
      #expect(totals.deals == 1)
      #expect(totals.syntheticRevenue == 300)
      #expect(totals.sales == 1)
      #expect(totals.revenue == 300)
    }
  }

  @Test func aSaleWithoutAnAmountIsWorthItsStage() {
    let totals = observed([], [event(.entered(2), at: 0, of: a)]).totals(of: a, now: now)
    #expect(totals.revenue == 200)
    #expect(totals.syntheticRevenue == 200)
  }

  @Test func aLostDealIsWorthNothing() {
    let totals = observed([], [event(.entered(2), at: 0, of: a), event(.lost, at: 1)]).totals(of: a, now: now)
    #expect(totals.deals == 1)
    #expect(totals.syntheticRevenue == 0)
    #expect(totals.sales == 0)
    #expect(totals.revenue == 0)
  }

  @Test func aDealFollowsItsAd() {
    let unknown = observed([], [event(.entered(1), at: 0)])
    #expect(unknown.totals(of: a, now: now).deals == 0)
    let moved = observed([], [event(.entered(0), at: 0, of: a), event(.entered(1), at: 1, of: b)])
    #expect(moved.totals(of: a, now: now).syntheticRevenue == 0)
    #expect(moved.totals(of: a, now: now).deals == 0)
    #expect(moved.totals(of: b, now: now).syntheticRevenue == 50)
  }
}
