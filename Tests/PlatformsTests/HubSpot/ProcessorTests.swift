import Accounts
import App
import AppTestKit
import DecisionEngine
import FakeHubSpot
import Jobs
import Measurement
import Platforms
import RemoteAPIs
import Sandbox
import Storage
import TestKit
import Testing
import Values

/// Deals that are read from HubSpot itself, over HTTP, from a HubSpot of the tests' own.
struct ProcessorTests {
  private static let ads = ["1202100000000001", "1202100000000002"]

  /// Gives `body` a system that reads from a fake HubSpot, both by one clock.
  private static func with(
    token: String = "pat-na1-fake", _ body: @escaping @Sendable (TestSystem, FakeHubSpot) async throws -> Void
  ) async throws {
    let clock = ManualClock()
    let fake = FakeHubSpot(clock: { clock.now() })
    // The clock stands still, so a window of calls would never open again.
    fake.setLimits { $0.perWindow = 1_000_000 }
    let transport = AsyncHTTPTransport()
    try await fake.serve { address in
      var settings = HubSpotSending.settings
      settings.apiURL = address
      settings.token = Secret(token)
      let test = try await TestSystem(at: clock.now(), hubSpot: settings, transport: transport)
      try await test.importText(
        "ad_id,date,impressions,clicks,spend\n" + ads.map { "\($0),2026-05-20,1000,20,100\n" }.joined(), as: .adsCSV)
      _ = try await test.system.hubSpot.map(portal: HubSpotSending.portal, to: test.account)
      try await body(test, fake)
    }
    await transport.shutDown()
  }

  /// Tells of a change of a deal's stage and works it off.
  private static func tell(_ test: TestSystem, deal: Int64, event: Int = 1) async throws {
    try await test.serving { api in
      let answer = try await test.send([.move(event, deal: Int(deal), to: "lead", at: test.clock.now())], to: api)
      try #require(answer.status == 202)
    }
    try await test.workOffJobs()
  }

  private static func sums(_ test: TestSystem, _ ad: String) async throws -> [Double] {
    let state = try #require(try await test.states()[ad])
    return [state.pipelineValue, state.cashRevenue]
  }

  private static func credit(_ test: TestSystem, of dealID: String) async throws -> Attribution? {
    try await test.system.attributions.list(of: test.account, credited: nil, limit: 100)
      .first { $0.dealID == dealID }?.attribution
  }

  @Test("A deal's whole history counts, and its contact's landing page leads to the ad")
  func history() async throws {
    try await Self.with { test, fake in
      let now = test.clock.now()
      fake.setContact(501, ["hs_analytics_last_url": "https://example.com/?hsa_ad=\(Self.ads[0])&fbclid=x"])
      fake.setDeal(7, ["dealstage": "lead", "amount": "9000"], contacts: [501], at: now.adding(seconds: -900))
      fake.setDeal(7, ["dealstage": "appointmentscheduled"], at: now.adding(seconds: -600))
      fake.setDeal(7, ["dealstage": "closedwon", "amount": "8000"], at: now.adding(seconds: -300))
      try await Self.tell(test, deal: 7)
      #expect(try await test.number("SELECT COUNT(*) AS value FROM deal_stage_history") == 4)
      try await test.serving { api in
        _ = try await test.send([.move(2, deal: 7, to: "closedwon", at: now.adding(seconds: 1))], to: api)
      }
      try await test.workOffJobs()
      #expect(try await Self.sums(test, Self.ads[0]) == [8000, 8000])
      #expect(try await Self.credit(test, of: "7")?.method == .landingPage)
    }
  }

  @Test("A contact's click is met by track-click before or after the deal")
  func clicks() async throws {
    try await Self.with { test, fake in
      let now = test.clock.now()
      fake.setContact(501, ["hs_facebook_click_id": "fb.1.2"])
      fake.setDeal(7, ["dealstage": "show_up"], contacts: [501], at: now)
      try await Self.tell(test, deal: 7)
      let before = try #require(try await Self.credit(test, of: "7"))
      #expect(before.adID == nil)
      #expect(before.reason.contains("fb.1.2"))
      let ad = try #require(AdID(Self.ads[1]))
      let tracked = try await test.system.attributions.track(
        Click(id: "fb.1.2", adID: ad, clickedAt: now.adding(seconds: -3600)), of: test.account)
      #expect(tracked.credits.map(\.dealID) == ["7"])
      #expect(try await Self.sums(test, Self.ads[1]) == [9000, 0])
    }
  }

  @Test("A deal that was merged counts under the number of the survivor alone")
  func merged() async throws {
    try await Self.with { test, fake in
      let start = test.clock.now().adding(seconds: -100)
      fake.setDeal(7, ["dealstage": "show_up", "ad_id": Self.ads[0]], at: start)
      fake.setDeal(8, ["dealstage": "show_up", "ad_id": Self.ads[0]], at: start)
      try await Self.tell(test, deal: 7)
      try await Self.tell(test, deal: 8, event: 2)
      #expect(try await Self.sums(test, Self.ads[0]) == [0, 0], "the event moved both back to lead")
      test.clock.advance(seconds: 10)
      fake.mergeDeal(8, into: 7)
      fake.setDeal(7, ["dealstage": "appointmentscheduled"], at: test.clock.now().adding(seconds: 1))
      test.clock.advance(seconds: 10)
      try await Self.tell(test, deal: 8, event: 3)
      #expect(try await test.number("SELECT COUNT(*) AS value FROM deals") == 1)
      #expect(try await Self.sums(test, Self.ads[0]) == [2250, 0])
    }
  }

  @Test("A deal that was read by a configuration that had changed meanwhile is read again")
  func configurationChanged() async throws {
    try await Self.with { test, fake in
      #expect(try await test.system.accounts.configuration(of: test.account).version == 1)
      let other = try await test.anotherProcess()
      _ = try await other.accounts.update(test.account, figures: other.ads) { $0.crm.adIDProperties = ["campaign_ad"] }
      let start = test.clock.now().adding(seconds: -100)
      fake.setDeal(7, ["dealstage": "show_up", "campaign_ad": Self.ads[0]], at: start)
      try await Self.tell(test, deal: 7)
      #expect(try await Self.credit(test, of: "7")?.adID == nil)
      test.system.accounts.forget(test.account)
      try await test.system.jobs.push([ReconcileHubSpot(accountID: test.account)])
      try await test.workOffJobs()
      #expect(try await Self.credit(test, of: "7")?.adID?.value == Self.ads[0])
    }
  }

  @Test("Failures that pass are tried again; the event is not lost")
  func failures() async throws {
    try await Self.with { test, fake in
      fake.setDeal(7, ["dealstage": "show_up", "ad_id": Self.ads[0]], at: test.clock.now().adding(seconds: -5))
      for fault in [PortalFault.serverError, .locked, .moving, .tenSecondly] {
        fake.failNext(fault)
      }
      try await Self.tell(test, deal: 7)
      #expect(try await test.number("SELECT COUNT(*) AS value FROM jobs WHERE state = 'scheduled'") == 1)
      for _ in 0..<8 {
        test.clock.advance(seconds: 3600)
        try await test.workOffJobs()
      }
      #expect(try await test.number("SELECT COUNT(*) AS value FROM jobs WHERE state = 'completed'") == 1)
      #expect(try await test.number("SELECT COUNT(*) AS value FROM hubspot_events WHERE state = 'applied'") == 1)
    }
  }

  @Test("A wrong token stops the account's jobs for a while, and says so")
  func unauthorized() async throws {
    try await Self.with(token: "pat-na1-wrong") { test, fake in
      try await Self.tell(test, deal: 7)
      let job = try #require(try await test.system.jobs.list(JobFilter(accountID: test.account)).first)
      #expect(job.state == .scheduled)
      #expect(job.failure?.failureClass == "unauthorized")
      #expect(job.failure?.text.contains("pat-na1-wrong") == false)
      #expect(job.attempt == 0)
      #expect(try await test.number("SELECT COUNT(*) AS value FROM job_pauses") == 1)
    }
  }

  @Test("Reconciling finds what webhooks missed, counts it, and finds nothing the next time")
  func reconciling() async throws {
    try await Self.with { test, fake in
      for deal in Int64(1)...250 {
        let at = test.clock.now().adding(seconds: -Int64(86_400 + deal))
        fake.setDeal(deal, ["dealstage": "show_up", "ad_id": Self.ads[Int(deal) % 2]], at: at)
      }
      func reconcile() async throws -> HubSpotPortal {
        try await test.system.jobs.push([ReconcileHubSpot(accountID: test.account)])
        try await test.workOffJobs()
        return try #require(try await test.system.hubSpot.portals().mapped.first)
      }
      let first = try await reconcile()
      #expect(first.dealsRepaired == 250)
      #expect(first.reconciledAt == test.clock.now())
      #expect(try await Self.sums(test, Self.ads[0]) == [125 * 9000, 0])
      test.clock.advance(seconds: 900)
      #expect(try await reconcile().dealsRepaired == 250)
      fake.setDeal(3, ["dealstage": "closedlost"], at: test.clock.now())
      fake.deleteDeal(4)
      test.clock.advance(seconds: 900)
      #expect(try await reconcile().dealsRepaired == 251)
      #expect(try await Self.sums(test, Self.ads[1]) == [124 * 9000, 0])
      _ = try await test.system.database.write {
        try $0.execute("UPDATE ad_states SET deal_pipeline_value = 1 WHERE ad_id = \(Self.ads[0])")
      }
      #expect(try await reconcile().adsRepaired == 1)
      #expect(try await Self.sums(test, Self.ads[0]) == [125 * 9000, 0])
    }
  }
}
