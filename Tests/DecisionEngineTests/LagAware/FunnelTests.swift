import DecisionEngine
import Testing
import Values

/// The ways of deals, and the counts that are kept of them.
struct FunnelTests {
  private static let start = Instant(startOf: CalendarDay(daysSinceEpoch: 20_000))

  private static func event(
    _ deal: String, _ move: DealEvent.Move, day: Double, ad: String? = "a", amount: Double? = nil
  ) -> DealEvent {
    DealEvent(
      dealID: deal, adID: ad.flatMap { AdID($0) }, move: move,
      occurredAt: start.adding(seconds: Int64(clamping: day * 86_400)),
      amount: amount)
  }

  private static func tallies(_ events: [DealEvent]) throws -> FunnelTallies {
    var history = FunnelHistory(funnel: try LagAwareWorld.funnel())
    for event in events { history.take(event) }
    return history.tallies
  }

  private static let ways: [DealEvent] = [
    event("won", .entered(0), day: 0), event("won", .entered(1), day: 1), event("won", .entered(2), day: 3),
    event("won", .entered(3), day: 9, amount: 2_500), event("lost", .entered(0), day: 2),
    event("lost", .entered(1), day: 4), event("lost", .lost, day: 5), event("waits", .entered(0), day: 6, ad: nil),
    event("skips", .entered(0), day: 1), event("skips", .entered(2), day: 2),
    event("again", .entered(0), day: 1), event("again", .lost, day: 2), event("again", .entered(1), day: 8),
  ]

  @Test("Each step counts who went on, was lost or waits, by the day of entry")
  func counts() throws {
    let tallies = try Self.tallies(Self.ways)
    let ad = try #require(AdID("a").flatMap { tallies.ads[$0] })
    let total = { (step: Int, count: (StageTally.Cohort) -> Int) in ad.steps[step].cohorts.reduce(0) { $0 + count($1) }
    }
    #expect(total(0, \.advanced) == 4)
    #expect(total(0, \.lost) == 0)
    #expect(total(1, \.advanced) == 2)
    #expect(total(1, \.lost) == 1)
    #expect(total(1, \.waiting) == 1)
    #expect(total(2, \.advanced) == 1)
    #expect(total(2, \.waiting) == 1)
    #expect(ad.amounts.count == 1)
    #expect(tallies.unattributed.steps[0].cohorts.map(\.waiting) == [1])
    // A stage that was skipped tells nothing of how long one stays in it.
    #expect(tallies.advances.map(\.count) == [3, 1, 1])
    #expect(tallies.losses.map(\.count) == [0, 1, 0])
  }

  @Test("Order and repetition of events change no count", arguments: UInt64(0)..<20)
  func order(_ seed: UInt64) throws {
    var stream = RandomStream(seed: seed)
    let expected = try Self.tallies(Self.ways)
    let shuffled = (Self.ways + Self.ways.prefix(7)).shuffled(using: &stream)
    #expect(try Self.tallies(shuffled) == expected)
  }

  @Test("Moves at one moment, and ads and amounts that change, count the same in any order", arguments: UInt64(0)..<20)
  func ties(_ seed: UInt64) throws {
    let events = [
      Self.event("tie", .entered(0), day: 0), Self.event("tie", .entered(1), day: 1), Self.event("tie", .lost, day: 1),
      Self.event("moved", .entered(0), day: 0), Self.event("moved", .entered(1), day: 2, ad: "b"),
      Self.event("paid", .entered(0), day: 0), Self.event("paid", .entered(3), day: 4, amount: 900),
      Self.event("paid", .entered(3), day: 5, amount: 1_200),
    ]
    var stream = RandomStream(seed: seed)
    let expected = try Self.tallies(events)
    #expect(try Self.tallies(events.shuffled(using: &stream)) == expected)
    let ad = try #require(AdID("a").flatMap { expected.ads[$0] })
    #expect(ad.steps[1].cohorts.reduce(0) { $0 + $1.lost } == 1)
    #expect(AdID("b").flatMap { expected.ads[$0] }?.steps[1].cohorts.first?.waiting == 1)
  }

  @Test("Counting a deal out leaves what was there before it")
  func countingOut() throws {
    var tallies = try Self.tallies(Self.ways)
    let before = tallies
    var path = DealPath()
    for event in Self.ways.prefix(4) { path.take(event) }
    tallies.count(path, 1)
    #expect(tallies != before)
    tallies.count(path, -1)
    #expect(tallies == before)
  }

  @Test("A restated day replaces itself")
  func restated() throws {
    let adID = try #require(AdID("a"))
    var tally = AdTally(stepCount: 3)
    for (day, clicks) in [(5, 1), (3, 2), (5, 9)] {
      tally.take(
        AdDay(
          adID: adID, day: CalendarDay(daysSinceEpoch: day), spend: 10, impressions: 100, clicks: clicks, leads: nil))
    }
    #expect(tally.days.map(\.day) == [3, 5])
    #expect(tally.days.map(\.clicks) == [2, 9])
  }
}

/// A small made-up account for tests of the lag-aware policy.
enum LagAwareWorld {
  static func funnel() throws -> SalesFunnel {
    try #require(
      SalesFunnel([
        .init(name: "lead", value: 90), .init(name: "appointment", value: 360), .init(name: "show", value: 600),
        .init(name: "won", value: 3_000),
      ]))
  }

  static let firstDay = CalendarDay(daysSinceEpoch: 20_000)

  /// `days` of figures of ads whose leads go on with the chances given, each ad alike otherwise.
  static func history(_ chances: [Double], days: Int, seed: UInt64, marksLosses: Bool = true) throws -> FunnelHistory {
    var history = FunnelHistory(funnel: try funnel())
    var stream = RandomStream(seed: seed)
    var number = 0
    for (index, chance) in chances.enumerated() {
      let adID = try #require(AdID("ad\(index)"))
      for day in 0..<days {
        history.take(
          AdDay(
            adID: adID, day: firstDay.adding(days: day), spend: 80 + 40 * stream.nextUniform(), impressions: 4_000,
            clicks: 40, leads: 4))
        for _ in 0..<4 {
          number += 1
          let created = Instant(startOf: firstDay.adding(days: day)).adding(seconds: 40_000)
          take("deal\(number)", adID, created, chance, days, marksLosses, &history, &stream)
        }
      }
    }
    return history
  }

  private static func take(
    _ deal: String, _ adID: AdID, _ created: Instant, _ chance: Double, _ days: Int, _ marksLosses: Bool,
    _ history: inout FunnelHistory, _ stream: inout RandomStream
  ) {
    let end = Instant(startOf: firstDay.adding(days: days))
    var moment = created
    history.take(DealEvent(dealID: deal, adID: adID, move: .entered(0), occurredAt: moment, amount: nil))
    for (step, rate) in [chance, 0.6, 0.25].enumerated() {
      moment = moment.adding(seconds: Int64(clamping: (1 + 4 * stream.nextUniform()) * 86_400))
      guard moment < end else { return }
      let advances = stream.nextUniform() < rate
      guard advances || marksLosses else { return }
      history.take(
        DealEvent(
          dealID: deal, adID: adID, move: advances ? .entered(step + 1) : .lost, occurredAt: moment,
          amount: advances && step == 2 ? 3_000 : nil))
      guard advances else { return }
    }
  }
}
