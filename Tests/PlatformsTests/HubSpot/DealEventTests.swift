import Accounts
import App
import AppTestKit
import DecisionEngine
import Jobs
import Measurement
import Platforms
import Storage
import TestKit
import Testing
import Values

/// What HubSpot's events make of deals and of the sums of ads, without HubSpot itself.
struct DealEventTests {
  private static let figures = """
    ad_id,date,impressions,clicks,spend
    1202100000000001,2026-05-20,1000,20,100
    1202100000000002,2026-05-20,1000,20,100

    """

  private static func system() async throws -> TestSystem {
    let test = try await TestSystem(hubSpot: HubSpotSending.settings)
    try await test.importText(figures, as: .adsCSV)
    _ = try await test.system.hubSpot.map(portal: HubSpotSending.portal, to: test.account)
    return test
  }

  private static func sums(_ test: TestSystem) async throws -> [String: [Double]] {
    try await test.states().mapValues { [$0.pipelineValue, $0.cashRevenue] }
  }

  /// The account's deals and sums, but not the record of how they came about.
  private static func outcome(_ test: TestSystem) async throws -> [String: [String]] {
    try await test.dump().filter {
      ["deals", "deal_stage_history", "ad_states", "attributions", "funnel_steps", "funnel_logs", "hubspot_facts"]
        .contains($0.key)
    }
  }

  @Test("A deal's moves are worth what its stage changes by, whatever order they come in")
  func moves() async throws {
    let test = try await Self.system()
    let start = test.clock.now().adding(seconds: -100_000)
    let ad = SentEvent(1, deal: 7, property: ("ad_id", "1202100000000001"), at: start)
    try await test.serving { api in
      func take(_ events: SentEvent...) async throws -> [Double] {
        #expect(try await test.send(events, to: api).status == 202)
        try await test.workOffJobs()
        return try #require(await Self.sums(test)["1202100000000001"])
      }
      let first = try await take(ad, .move(2, deal: 7, to: "appointmentscheduled", at: start))
      #expect(first == [2250, 0])
      #expect(try await take(.move(3, deal: 7, to: "closedwon", at: start.adding(seconds: 50))) == [15_000, 15_000])
      #expect(try await take(.move(4, deal: 7, to: "show_up", at: start.adding(seconds: 20))) == [15_000, 15_000])
      let amount = SentEvent(5, deal: 7, property: ("amount", "4000.50"), at: start.adding(seconds: 60))
      #expect(try await take(amount) == [4000.5, 4000.5])
      let older = SentEvent(6, deal: 7, property: ("amount", "9"), at: start.adding(seconds: 10))
      #expect(try await take(older) == [4000.5, 4000.5])
      #expect(try await take(.move(7, deal: 7, to: "show_up", at: start.adding(seconds: 90))) == [9000, 0])
      let moved = SentEvent(8, deal: 7, property: ("ad_id", "1202100000000002"), at: start.adding(seconds: 95))
      #expect(try await take(moved) == [0, 0])
      #expect(try await Self.sums(test)["1202100000000002"] == [9000, 0])
    }
  }

  @Test("Deals that are deleted, restored or merged")
  func lifeAndDeath() async throws {
    let test = try await Self.system()
    let start = test.clock.now().adding(seconds: -1_000)
    try await test.serving { api in
      func deals(after events: SentEvent...) async throws -> [String] {
        _ = try await test.send(events, to: api)
        try await test.workOffJobs()
        return try await test.system.database.read { transaction in
          try transaction.query("SELECT deal_id FROM deals ORDER BY deal_id").map { try $0.get("deal_id") }
        }
      }
      let made = [SentEvent.move(1, deal: 7, to: "lead", at: start), .move(2, deal: 8, to: "lead", at: start)]
      let first = try await deals(after: made[0], made[1])
      #expect(first == ["7", "8"])
      #expect(try await deals(after: SentEvent(3, "deal.deletion", deal: 7, at: start.adding(seconds: 10))) == ["8"])
      #expect(
        try await deals(after: .move(4, deal: 7, to: "show_up", at: start.adding(seconds: 5))) == ["8"],
        "an older move does not bring a deleted deal back")
      #expect(
        try await deals(after: SentEvent(5, "deal.restore", deal: 7, at: start.adding(seconds: 20))) == ["7", "8"])
      var merge = SentEvent(6, "deal.merge", deal: 8, at: start.adding(seconds: 30))
      merge.more = #", "primaryObjectId": 7, "mergedObjectIds": [8], "newObjectId": 9, "numberOfPropertiesMoved": 3"#
      #expect(
        try await deals(after: merge, .move(7, deal: 9, to: "show_up", at: start.adding(seconds: 30))) == ["9"])
    }
  }

  @Test("Another currency is converted by the account's rate, or the deal is held with the reason")
  func currencies() async throws {
    let test = try await Self.system()
    let start = test.clock.now().adding(seconds: -1_000)
    try await test.serving { api in
      let events = [
        SentEvent(1, deal: 7, property: ("ad_id", "1202100000000001"), at: start),
        SentEvent(2, deal: 7, property: ("amount", "1000"), at: start),
        SentEvent(3, deal: 7, property: ("deal_currency_code", "EUR"), at: start),
        .move(4, deal: 7, to: "closedwon", at: start),
      ]
      _ = try await test.send(events, to: api)
      try await test.workOffJobs()
      let held = try await test.system.hubSpot.status(of: test.account).held
      #expect(held.map(\.dealID) == ["7"])
      #expect(held.first?.reason.contains("EUR") == true)
      #expect(try await Self.sums(test)["1202100000000001"] == [0, 0])
      try await test.configure(#"{"currency_rates": {"EUR": 1.1}}"#)
      try await test.system.jobs.push([ReconcileHubSpot(accountID: test.account)])
      try await test.workOffJobs()
      #expect(try await Self.sums(test)["1202100000000001"] == [1100, 1100])
      #expect(try await test.system.hubSpot.status(of: test.account).held.isEmpty)
    }
  }

  @Test("Stages of several pipelines go by the account's table; unknown ones leave the deal where it was")
  func pipelines() async throws {
    let test = try await Self.system()
    try await test.configure(#"{"crm_stages": {"renewals/8812": "show_up", "8813": "closed_won"}}"#)
    let start = test.clock.now().adding(seconds: -1_000)
    try await test.serving { api in
      let events = [
        SentEvent(1, deal: 7, property: ("ad_id", "1202100000000001"), at: start),
        SentEvent(2, deal: 7, property: ("pipeline", "renewals"), at: start),
        .move(3, deal: 7, to: "8812", at: start), .move(4, deal: 7, to: "9999", at: start.adding(seconds: 5)),
        .move(5, deal: 8, to: "8812", at: start),
      ]
      _ = try await test.send(events, to: api)
      try await test.workOffJobs()
      #expect(try await Self.sums(test)["1202100000000001"] == [9000, 0])
      let held = try await test.system.hubSpot.status(of: test.account).held.map(\.dealID).sorted()
      #expect(held == ["7", "8"], "deal 8 is not in the pipeline whose stage is mapped")
      _ = try await test.send([.move(6, deal: 7, to: "8813", at: start.adding(seconds: 9))], to: api)
      try await test.workOffJobs()
      #expect(try await Self.sums(test)["1202100000000001"] == [15_000, 15_000])
    }
  }

  @Test(
    "A pipeline and its stage that are set together are one change, whichever event is first",
    arguments: [0, 1, -1, 900])
  func pipelineMove(_ milliseconds: Int64) async throws {
    let test = try await Self.system()
    try await test.configure(
      #"{"crm_stages": {"renewals/8812": "show_up", "default/111": "lead", "8812": "closed_lost"}}"#)
    let (start, later) = (test.clock.now().adding(seconds: -1_000), test.clock.now().adding(seconds: -500))
    try await test.serving { api in
      let made = [
        SentEvent(1, deal: 7, property: ("pipeline", "default"), at: start), .move(2, deal: 7, to: "111", at: start),
        SentEvent(3, deal: 7, property: ("ad_id", "1202100000000001"), at: start),
      ]
      _ = try await test.send(made, to: api)
      let stageAt = Instant(microseconds: later.microseconds + milliseconds * 1_000)
      let moved = [
        SentEvent(4, deal: 7, property: ("pipeline", "renewals"), at: later),
        .move(5, deal: 7, to: "8812", at: stageAt),
      ]
      _ = try await test.send(moved, to: api)
      try await test.workOffJobs()
      #expect(try await Self.sums(test)["1202100000000001"] == [9000, 0])
      #expect(try await test.system.hubSpot.status(of: test.account).held.isEmpty)
      #expect(try await test.number("SELECT COUNT(*) AS value FROM deal_stage_history") == 2)
    }
  }

  @Test("A pipeline that is set without a stage takes the stage along")
  func pipelineAlone() async throws {
    let test = try await Self.system()
    try await test.configure(#"{"crm_stages": {"renewals/8812": "show_up", "default/8812": "lead"}}"#)
    let start = test.clock.now().adding(seconds: -1_000)
    try await test.serving { api in
      let events = [
        SentEvent(1, deal: 7, property: ("pipeline", "default"), at: start), .move(2, deal: 7, to: "8812", at: start),
        SentEvent(3, deal: 7, property: ("ad_id", "1202100000000001"), at: start),
        SentEvent(4, deal: 7, property: ("pipeline", "renewals"), at: start.adding(seconds: 60)),
      ]
      _ = try await test.send(events, to: api)
      try await test.workOffJobs()
      #expect(try await Self.sums(test)["1202100000000001"] == [9000, 0])
    }
  }

  @Test("Deals that the survivor says were merged into it leave")
  func mergedIDs() async throws {
    let test = try await Self.system()
    let start = test.clock.now().adding(seconds: -1_000)
    try await test.serving { api in
      let events = (7...9).map { SentEvent.move($0, deal: $0, to: "lead", at: start) }
      _ = try await test.send(events, to: api)
      try await test.workOffJobs()
      #expect(try await test.number("SELECT COUNT(*) AS value FROM deals") == 3)
      let survivor = SentEvent(20, deal: 7, property: ("hs_merged_object_ids", "8;9"), at: start.adding(seconds: 9))
      _ = try await test.send([survivor], to: api)
      try await test.workOffJobs()
      #expect(try await test.number("SELECT COUNT(*) AS value FROM deals") == 1)
      _ = try await test.send([.move(21, deal: 8, to: "show_up", at: start.adding(seconds: 5))], to: api)
      try await test.workOffJobs()
      #expect(try await test.number("SELECT COUNT(*) AS value FROM deals") == 1)
    }
  }

  @Test("Any order, grouping and repetition of events comes to the same", arguments: 1...12)
  func convergence(_ seed: UInt64) async throws {
    var random = RandomStream(seed: seed)
    let (ordered, shuffled) = (try await Self.system(), try await Self.system())
    let events = Self.randomEvents(using: &random, before: ordered.clock.now())
    let disorder = (events + events.filter { _ in Int.random(in: 0..<3, using: &random) == 0 })
      .shuffled(using: &random)
    let sizes = disorder.map { _ in Int.random(in: 1...20, using: &random) }
    let pauses = disorder.map { _ in Bool.random(using: &random) }
    try await ordered.serving { api in
      for event in events {
        _ = try await ordered.send([event], to: api)
        try await ordered.workOffJobs()
      }
    }
    try await shuffled.serving { api in
      var rest = disorder[...]
      var step = 0
      while !rest.isEmpty {
        let answer = try await shuffled.send(Array(rest.prefix(sizes[step])), to: api)
        #expect(answer.status == 202)
        rest = rest.dropFirst(sizes[step])
        if pauses[step] { try await shuffled.workOffJobs() }
        step += 1
      }
      try await shuffled.workOffJobs()
    }
    let (one, other) = (try await Self.outcome(shuffled), try await Self.outcome(ordered))
    for (table, rows) in one { #expect(rows == other[table], "\(table)") }
    for test in [ordered, shuffled] {
      #expect(try await test.number("SELECT COUNT(*) AS value FROM hubspot_events WHERE state <> 'applied'") == 0)
      let before = try await Self.outcome(test)
      let configuration = try await test.system.accounts.configuration(of: test.account)
      try await test.system.database.write {
        try test.system.ads.revalue(test.account, configuration, in: $0)
      }
      #expect(try await Self.outcome(test) == before, "sums kept by moves equal sums counted anew")
    }
  }

  private static func randomEvents(using random: inout RandomStream, before end: Instant) -> [SentEvent] {
    let stages = ["lead", "appointmentscheduled", "show_up", "closedwon", "closedlost", "unheard_of"]
    return (1...80).map { number in
      let deal = Int.random(in: 1...9, using: &random)
      let at = end.adding(seconds: -Int64.random(in: 1...500, using: &random))
      switch Int.random(in: 0..<12, using: &random) {
      case 0: return SentEvent(number, deal: deal, property: ("amount", "\(number * 10).25"), at: at)
      case 1: return SentEvent(number, deal: deal, property: ("amount", ""), at: at)
      case 2, 3:
        let ad = "120210000000000\(Int.random(in: 1...2, using: &random))"
        return SentEvent(number, deal: deal, property: ("ad_id", ad), at: at)
      case 4: return SentEvent(number, "deal.deletion", deal: deal, at: at)
      case 5, 6: return SentEvent(number, "deal.restore", deal: deal, at: at)
      case 7: return SentEvent(number, "deal.creation", deal: deal, at: at)
      default:
        let stage = stages[Int.random(in: 0..<stages.count, using: &random)]
        return .move(number, deal: deal, to: stage, at: at)
      }
    }
  }
}
