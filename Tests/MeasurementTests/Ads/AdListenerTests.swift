import Accounts
import App
import AppTestKit
import DecisionEngine
import Jobs
import Measurement
import Platforms
import Storage
import Synchronization
import TestKit
import Testing
import Values

/// Who listens to changes of ads hears of each, in the transaction that makes it.
struct AdListenerTests {
  /// What a listener was told since the last look. A transaction that runs again tells it again.
  private final class Heard: Sendable {
    private let changes = Mutex<Set<String>>([])

    func add(_ change: AdChange) throws {
      let states = try change.states().map { "\($0.adID) \($0.impressions) \($0.pipelineValue)" }
      let ads = change.ads.sorted().map(\.value).joined(separator: ",")
      changes.withLock { _ = $0.insert("\(change.account) \(change.cause) \(ads): \(states.joined(separator: ", "))") }
    }

    func sinceLast() -> [String] {
      changes.withLock { changes in
        defer { changes = [] }
        return changes.sorted()
      }
    }
  }

  private static func system(_ listener: @escaping AdListener) async throws -> TestSystem {
    var additions = SystemAdditions()
    additions.adListeners = [listener]
    return try await TestSystem(hubSpot: HubSpotSending.settings, with: additions)
  }

  /// A system with ads 1 and 2, whose listener has not been told of anything since.
  private static func listening() async throws -> (TestSystem, Heard) {
    let heard = Heard()
    let test = try await system { change, _ in try heard.add(change) }
    try await test.importText(
      "ad_id,date,impressions,clicks,spend\n1,2026-05-20,1000,20,100\n2,2026-05-20,500,20,100\n", as: .adsCSV)
    #expect(heard.sinceLast() == ["acme figures 1,2: 1 1000 0.0, 2 500 0.0"])
    return (test, heard)
  }

  @Test("Feedback")
  func feedback() async throws {
    let (test, heard) = try await Self.listening()
    let day = DailyMetrics(
      adID: try #require(AdID("1")), day: try #require(CalendarDay("2026-05-21")), impressions: 10, clicks: 0,
      spend: .zero)
    _ = try await test.system.ads.feedback(day, of: test.account)
    #expect(heard.sinceLast() == ["acme figures 1: 1 1010 0.0"])
  }

  @Test("Files of figures and of deals, whose ads are told as they are once the whole file is in")
  func files() async throws {
    let (test, heard) = try await Self.listening()
    try await test.importText(
      "ad_id,date,impressions,clicks,spend,won_deals\n2,2026-05-21,7,0,1,1\n2,2026-05-22,8,0,1,\n", as: .adsCSV)
    #expect(heard.sinceLast() == ["acme figures 2: 2 515 15000.0"])
    try await test.importText("id,dealstage,ad_id\na,show_up,1\nb,show_up,1\nc,show_up,7\n", as: .hubspotDeals)
    #expect(heard.sinceLast() == ["acme deals 1,7: 1 1000 18000.0"], "an ad without figures has no state")
  }

  @Test("The moves of a deal in HubSpot, and what reconciling repairs")
  func hubSpot() async throws {
    let (test, heard) = try await Self.listening()
    _ = try await test.system.hubSpot.map(portal: HubSpotSending.portal, to: test.account)
    let at = test.clock.now().adding(seconds: -60)
    try await test.serving { api in
      let events = [
        SentEvent.move(1, deal: 9, to: "show_up", at: at), SentEvent(2, deal: 9, property: ("ad_id", "1"), at: at),
      ]
      let answer = try await test.send(events, to: api)
      #expect(answer.status == 202)
    }
    try await test.workOffJobs()
    #expect(heard.sinceLast() == ["acme deals 1: 1 1000 9000.0"])
    _ = try await test.system.database.write { transaction in
      try transaction.execute("UPDATE ad_states SET deal_pipeline_value = \(Money.zero)")
    }
    try await test.system.jobs.push([ReconcileHubSpot(accountID: test.account)])
    try await test.workOffJobs()
    #expect(heard.sinceLast() == ["acme deals 1: 1 1000 9000.0"])
  }

  @Test("A deal that is credited to another ad, by a conversion or by a click")
  func attribution() async throws {
    let (test, heard) = try await Self.listening()
    try await test.importText(
      "id,dealstage,createdate,ad_id\n7,show_up,2026-05-01T10:00:00Z,1\n8,show_up,2026-05-02T10:00:00Z,\n",
      as: .hubspotDeals)
    #expect(heard.sinceLast() == ["acme deals 1: 1 1000 9000.0"])
    var conversion = Conversion(dealID: "7")
    conversion.statedAd = AdID("2")
    _ = try await test.system.attributions.attribute(conversion, of: test.account)
    #expect(heard.sinceLast() == ["acme deals 1,2: 1 1000 0.0, 2 500 9000.0"])
    conversion = Conversion(dealID: "8")
    conversion.clickID = "fb.1"
    _ = try await test.system.attributions.attribute(conversion, of: test.account)
    #expect(heard.sinceLast() == [])
    let click = Click(
      id: "fb.1", adID: try #require(AdID("1")), clickedAt: try #require(Instant("2026-05-02T09:00:00Z")))
    _ = try await test.system.attributions.track(click, of: test.account)
    #expect(heard.sinceLast() == ["acme deals 1: 1 1000 9000.0"])
  }

  @Test("Other values of stages, and what a person says of an ad; what changes nothing is not told")
  func others() async throws {
    let (test, heard) = try await Self.listening()
    try await test.configure(#"{"aov": 7}"#)
    #expect(heard.sinceLast() == [])
    let stages = #"{"stages": [{"name": "lead", "value": 1, "confidence": 1, "kind": "open"}]}"#
    try await test.configure(stages)
    #expect(heard.sinceLast() == ["acme deals 1,2: 1 1000 0.0, 2 500 0.0"])
    try await test.configure(stages)
    #expect(heard.sinceLast() == [])
    let ad = try #require(AdID("2"))
    for _ in 1...2 {
      _ = try await test.system.ads.setDelivery(.paused, of: [ad], account: test.account, by: .system)
    }
    #expect(heard.sinceLast() == ["acme delivery 2: 2 500 0.0"])
  }

  @Test("What a listener writes is there with the change, and what it throws undoes both")
  func together() async throws {
    struct Refused: Error {}
    let test = try await Self.system { change, transaction in
      try transaction.execute(
        """
        INSERT INTO retention_runs (name, due_at, removed, failures)
        VALUES (\(change.ads.sorted().map(\.value).joined(separator: ",")), \(Instant(seconds: 0)), 0, 0)
        """)
      if change.ads.count > 1 { throw Refused() }
    }
    let header = "ad_id,date,impressions,clicks,spend\n"
    try await test.importText(header + "1,2026-05-20,1000,20,100\n", as: .adsCSV)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM retention_runs WHERE name = '1'") == 1)
    let before = try await test.dump()
    await #expect(throws: Refused.self) {
      try await test.importText(header + "1,2026-05-21,1,1,1\n2,2026-05-20,1,1,1\n", as: .adsCSV)
    }
    #expect(try await test.dump() == before)
  }
}
