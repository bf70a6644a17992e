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

/// What is written by the account's configuration is written by the one of that moment, whatever this process remembers
/// of it: another process changes it in between.
struct ConfigurationTurnTests {
  private static let stages = #"""
    {"stages": [
      {"name": "lead", "value": 0, "confidence": 0.1, "kind": "open"},
      {"name": "show_up", "value": 4000, "confidence": 0.6, "kind": "open"},
      {"name": "closed_won", "value": 6000, "confidence": 1, "kind": "won"},
      {"name": "closed_lost", "value": 0, "confidence": 1, "kind": "lost"}],
     "winner_roas_threshold": 1000}
    """#

  /// A system with ad `1`, to which deal `7` in `show_up` is credited, and ad `2`. It remembers a configuration by which
  /// a deal in `show_up` is worth 9,000 and that another process has changed since: now it is worth 4,000.
  private static func system() async throws -> TestSystem {
    let test = try await TestSystem(hubSpot: HubSpotSending.settings)
    try await test.importText(
      "ad_id,date,impressions,clicks,spend\n1,2026-05-20,1000,20,100\n2,2026-05-20,1000,20,100\n", as: .adsCSV)
    try await test.importText(
      "id,dealstage,createdate,ad_id\n7,show_up,2026-05-01T10:00:00Z,1\n", as: .hubspotDeals)
    _ = try await test.system.hubSpot.map(portal: HubSpotSending.portal, to: test.account)
    #expect(try await test.system.accounts.configuration(of: test.account).version == 1)
    let other = try await test.anotherProcess()
    _ = try await other.accounts.update(
      test.account, figures: other.ads, other.accounts.settings.change(by: Array(stages.utf8)))
    #expect(try await test.system.accounts.configuration(of: test.account).version == 1, "remembered")
    return test
  }

  private static func pipeline(_ test: TestSystem) async throws -> [String: Double] {
    try await test.states().mapValues(\.pipelineValue)
  }

  /// Sums and counts as they are stored, and as they are when everything is counted anew.
  private static func expectTrue(_ test: TestSystem, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let figures = { try await test.dump().filter { ["ad_states", "funnel_steps", "funnel_states"].contains($0.key) } }
    let before = try await figures()
    test.system.accounts.forget(test.account)
    let configuration = try await test.system.accounts.configuration(of: test.account)
    #expect(configuration.version == 2, sourceLocation: sourceLocation)
    try await test.system.database.write { try test.system.ads.revalue(test.account, configuration, in: $0) }
    #expect(try await figures() == before, sourceLocation: sourceLocation)
  }

  @Test("A deal that is credited to another ad takes its present worth along")
  func conversion() async throws {
    let test = try await Self.system()
    var conversion = Conversion(dealID: "7")
    conversion.statedAd = AdID("2")
    _ = try await test.system.attributions.attribute(conversion, of: test.account)
    #expect(try await Self.pipeline(test) == ["1": 0, "2": 4000])
    try await Self.expectTrue(test)
  }

  @Test("A click that credits a deal brings its present worth")
  func click() async throws {
    let test = try await Self.system()
    var conversion = Conversion(dealID: "8")
    conversion.clickID = "fb.1"
    _ = try await test.system.attributions.attribute(conversion, of: test.account)
    try await test.importText("id,dealstage,createdate\n8,show_up,2026-05-02T10:00:00Z\n", as: .hubspotDeals)
    let ad = try #require(AdID("2"))
    _ = try await test.system.attributions.track(
      Click(id: "fb.1", adID: ad, clickedAt: #require(Instant("2026-05-02T09:00:00Z"))), of: test.account)
    #expect(try await Self.pipeline(test) == ["1": 4000, "2": 4000])
    try await Self.expectTrue(test)
  }

  @Test("Reconciling leaves sums that are right as they are")
  func reconciling() async throws {
    let test = try await Self.system()
    try await test.system.jobs.push([ReconcileHubSpot(accountID: test.account)])
    try await test.workOffJobs()
    #expect(try await Self.pipeline(test) == ["1": 4000, "2": 0])
    #expect(try await test.system.hubSpot.portals().mapped.first?.adsRepaired == 0)
    try await Self.expectTrue(test)
  }

  @Test("An event does not count the funnel by stages that are gone")
  func event() async throws {
    let test = try await Self.system()
    let at = test.clock.now().adding(seconds: -60)
    try await test.serving { api in
      let events = [
        SentEvent.move(1, deal: 9, to: "closed_won", at: at), SentEvent(2, deal: 9, property: ("ad_id", "1"), at: at),
      ]
      let answer = try await test.send(events, to: api)
      #expect(answer.status == 202)
    }
    try await test.workOffJobs()
    #expect(try await Self.pipeline(test) == ["1": 10_000, "2": 0])
    try await Self.expectTrue(test)
  }

  @Test("Feedback values the ad's deals and judges the ad by the present configuration")
  func feedback() async throws {
    let test = try await Self.system()
    let day = DailyMetrics(
      adID: try #require(AdID("1")), day: try #require(CalendarDay("2026-05-21")), impressions: 1_000,
      clicks: 0,
      spend: Money(micros: 50_000_000))
    let result = try await test.system.ads.feedback(day, of: test.account)
    #expect(result.state.pipelineValue == 4000)
    #expect(result.verdict.isEnoughKnown)
    #expect(!result.verdict.winsByROAS)
    try await Self.expectTrue(test)
  }

  @Test("A file's deals are valued by the present stages, and stages that are gone are refused")
  func file() async throws {
    let test = try await Self.system()
    try await test.importText("id,dealstage,ad_id\n8,closed_won,2\n", as: .hubspotDeals)
    #expect(try await Self.pipeline(test) == ["1": 4000, "2": 6000])
    let refusal = try await test.refusal(of: "id,dealstage,ad_id\n9,appointment_scheduled,2\n", as: .hubspotDeals)
    #expect(refusal.rows.map(\.value) == ["appointment_scheduled"])
    try await Self.expectTrue(test)
  }
}
