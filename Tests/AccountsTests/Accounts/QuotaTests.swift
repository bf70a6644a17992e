import Accounts
import App
import AppTestKit
import Decisions
import Formats
import HTTPTypes
import Jobs
import Measurement
import Platforms
import Storage
import TestKit
import Testing
import Values
import Web

/// How much an account may keep.
struct QuotaTests {
  private static func figures(_ ads: [String]) -> String {
    "ad_id,date,impressions,clicks,spend\n" + ads.map { "\($0),2026-05-20,1000,20,100\n" }.joined()
  }

  private static func system(_ quota: Quota, _ limit: Int) async throws -> TestSystem {
    let test = try await TestSystem(hubSpot: HubSpotSending.settings)
    try await test.importText(figures(["1", "2"]), as: .adsCSV)
    try await test.system.lifecycle.setQuotas(of: test.account, by: .system) { $0[quota] = limit }
    return test
  }

  private static func feedback(_ ad: String) -> String {
    #"{"ad_id": "\#(ad)", "date": "2026-05-21", "impressions": 10, "clicks": 1, "spend": 1}"#
  }

  @Test("Decisions over the quota are refused and leave nothing; other accounts go on")
  func decisions() async throws {
    let test = try await Self.system(.decisions, 2)
    let other = try #require(AccountID("other"))
    try await test.system.accounts.create(other)
    _ = try await test.system.imports.importFile(
      test.file("other.csv", Self.figures(["1"]).utf8), as: .adsCSV, into: other, ImportOptions()
    ) { _ in }
    try await test.serving { api in
      let select = { try await api.post("/api/ml/battle-hardened/select", #"{"total_budget": 20}"#) }
      for _ in 0..<2 { _ = try await select().done() }
      let order = DecisionService.Order(account: other, totalBudget: try #require(Money(decimal: "20")))
      for _ in 0..<3 { _ = try await test.system.decisions.decide(order) }
      let before = try await test.dump(leavingOut: ["api_keys"])
      let answer = try await select()
      let refusal = try answer.refusal()
      #expect(refusal.status == 429)
      #expect(refusal.code == "quota_exceeded")
      #expect(refusal.message.contains("may keep 2 decisions, and this would make it 3"))
      #expect(answer.headers[.retryAfter] == nil, "waiting does not help")
      #expect(try await test.dump(leavingOut: ["api_keys"]) == before)
      try await test.system.lifecycle.setQuotas(of: test.account, by: .system) { $0[.decisions] = nil }
      _ = try await select().done()
    }
  }

  @Test("Several processes together keep no more decisions than the quota")
  func together() async throws {
    let test = try await Self.system(.decisions, 4)
    let elsewhere = try test.openDatabaseAgain()
    let second = try await System(database: elsewhere, clock: { test.clock.now() })
    let total = try #require(Money(decimal: "20"))
    let refused = try await withThrowingTaskGroup(of: Bool.self) { group in
      for system in [test.system, second, test.system, second, test.system, second] {
        group.addTask {
          do {
            _ = try await system.decisions.decide(DecisionService.Order(account: test.account, totalBudget: total))
            return false
          } catch is QuotaError {
            return true
          }
        }
      }
      return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(refused == 2)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM decisions") == 4)
    await elsewhere.shutDown()
  }

  @Test("New ads over the quota are refused; ads that are there go on, even where the quota is below them")
  func ads() async throws {
    let test = try await Self.system(.ads, 3)
    let before = try await test.dump()
    let refusal = await #expect(throws: QuotaError.self) {
      try await test.importText(Self.figures(["2", "3", "4"]), as: .adsCSV)
    }
    #expect(refusal?.code == "quota_exceeded")
    #expect(refusal?.description.contains("may have 3 ads, and this would make it 4") == true)
    #expect(try await test.dump() == before)
    try await test.importText(Self.figures(["2", "3"]), as: .adsCSV)
    try await test.system.lifecycle.setQuotas(of: test.account, by: .system) { $0[.ads] = 1 }
    try await test.serving(as: .operator) { api in
      _ = try await api.post("/api/ml/battle-hardened/feedback", Self.feedback("3")).done()
      let new = try await api.post("/api/ml/battle-hardened/feedback", Self.feedback("4"))
      #expect(try new.refusal().code == "quota_exceeded")
    }
    try await test.importText(Self.figures(["1", "2", "3"]), as: .adsCSV)
  }

  @Test("Imports that run side by side add no more ads than the quota")
  func importsTogether() async throws {
    let test = try await Self.system(.ads, 4)
    let files = try [["3", "4"], ["5", "6"], ["7", "8"]].map { ads in
      try test.file("\(ads[0]).csv", Self.figures(ads).utf8)
    }
    await withTaskGroup { group in
      for file in files { group.addTask { _ = try? await test.importFile(file, as: .adsCSV) } }
    }
    #expect(try await test.number("SELECT COUNT(*) AS value FROM ad_states") == 4)
  }

  @Test("Over the quota of jobs, webhooks' events are kept, and reconciling leaves their jobs when there is room")
  func webhooks() async throws {
    let test = try await Self.system(.waitingJobs, 2)
    _ = try await test.system.hubSpot.map(portal: HubSpotSending.portal, to: test.account)
    let events = (1...5).map { SentEvent.move($0, deal: $0, to: "appointment_scheduled", at: test.clock.now()) }
    let answer = try await test.serving { api in try await test.send(events, to: api) }
    #expect(answer.status == 202)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM hubspot_events WHERE state = 'queued'") == 5)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM jobs WHERE state = 'available'") == 2)
    for left in [3, 1, 0] {
      try await test.workOffJobs()
      #expect(try await test.number("SELECT COUNT(*) AS value FROM hubspot_events WHERE state = 'queued'") == left)
      try await test.system.jobs.push([ReconcileHubSpot(accountID: test.account)])
    }
  }

  @Test("A job is not tried again while as many wait as may, and the caller is told when to come back")
  func retry() async throws {
    let test = try await Self.system(.waitingJobs, 1)
    let cancelled = try #require(
      try await test.system.jobs.push([ProcessBudgetOptimization(accountID: test.account)]).first
    ).id
    try await test.system.jobs.cancel(cancelled, of: test.account)
    try await test.system.jobs.push([MonitorFatigue(accountID: test.account)])
    try await test.serving(as: .operator) { api in
      let answer = try await api.send(.post, "/api/jobs/\(cancelled)/retry")
      #expect(try answer.refusal().code == "quota_exceeded")
      #expect(answer.headers[.retryAfter] == "60")
      try await test.workOffJobs()
      #expect(try await api.send(.post, "/api/jobs/\(cancelled)/retry").status == 200)
    }
  }

  @Test("A quota that a feature hands over is shown, described, set, kept and held to")
  func registered() async throws {
    let moves = Quota("moves", "Moves of deals", allowance: { "keep \($0) moves" }) { account, transaction in
      try transaction.first("SELECT COUNT(*) AS n FROM deal_stage_history WHERE account_id = \(account)")?.get("n") ?? 0
    }
    var additions = SystemAdditions()
    additions.features = [Feature(quotas: [moves])]
    let test = try await TestSystem(with: additions)
    let deal = { (id: Int) in "id,dealstage,createdate\n\(id),show_up,2026-05-01T10:00:00Z\n" }
    try await test.importText(deal(1), as: .hubspotDeals)
    try await test.system.lifecycle.setQuotas(of: test.account, by: .system) { $0[moves] = 1 }
    try await test.serving { api in
      let limits = try await api.send(.get, "/api/accounts/acme/limits").done()
      #expect(try limits.at("quotas").keys == ["ads", "decisions", "waiting_jobs", "creative_dna", "moves"])
      #expect(try limits.number("quotas.moves.limit") == 1)
      #expect(try limits.number("quotas.moves.used") == 1)
      let schema = try await api.send(.get, "/openapi.json").done().at("components.schemas.Limits.properties.quotas")
      #expect(try schema.at("properties.moves.properties.limit").text("description").hasPrefix("Moves of deals"))
      let log = try await api.send(.get, "/api/audit-log").done().list("entries")
      let line = try #require(try log.first { try $0.text("action") == "quotas_changed" })
      #expect(try line.at("before.moves") == .null)
      #expect(try line.number("after.moves") == 1)
    }
    #expect(try await test.system.accounts.all().first?.quotas[moves] == 1)
    let refusal = await #expect(throws: QuotaError.self) {
      try await test.system.database.write { transaction in
        try QuotaService().hold(moves, of: test.account, in: transaction) {
          try transaction.execute(
            """
            INSERT INTO deal_stage_history (account_id, deal_id, occurred_at, stage, source)
            VALUES ('acme', '1', \(test.clock.now()), 'closed_won', 'test')
            """)
        }
      }
    }
    #expect(refusal?.description.contains("may keep 1 moves, and this would make it 2; ask who runs") == true)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM deal_stage_history") == 1)
  }

  @Test("An account sees its limits and how much it has; who changed them is on record")
  func shown() async throws {
    let test = try await Self.system(.ads, 3)
    try await test.serving { api in
      let limits = try await api.send(.get, "/api/accounts/acme/limits").done()
      #expect(try limits.number("requests_per_minute") == 6_000)
      #expect(try limits.number("quotas.ads.limit") == 3)
      #expect(try limits.number("quotas.ads.used") == 2)
      #expect(try limits.at("quotas.decisions.limit") == .null)
      let log = try await api.send(.get, "/api/audit-log").done()
      #expect(try log.list("entries").contains { try $0.text("action") == "quotas_changed" })
    }
  }
}
