import App
import AppTestKit
import HTTPTypes
import Jobs
import Storage
import Synchronization
import TestKit
import Testing
import Values
import Web

@testable import Accounts
@testable import Decisions
@testable import Measurement
@testable import Operations
@testable import Platforms

/// What is removed once it is no longer needed, and how often.
struct RetentionTests {
  /// So many rows that can be removed, and how often somebody asked for it.
  private final class Rows: Sendable {
    let state: Mutex<(left: Int, limits: [Int])>

    init(_ count: Int) { state = Mutex((count, [])) }

    @Sendable func remove(_ limit: Int) async throws -> Int {
      state.withLock { state in
        let removed = min(limit, state.left)
        state.left -= removed
        state.limits.append(limit)
        return removed
      }
    }
  }

  private struct Broken: Error {}

  /// What a run reported, in words.
  private static func run(_ service: RetentionService) async -> [String] {
    let events = Mutex<[String]>([])
    await service.runDue { event in
      events.withLock { events in
        switch event {
        case .removed(let name, let rows): events.append("\(name): \(rows)")
        case .failed(let name, let error): events.append("\(name): \(error)")
        }
      }
    }
    return events.withLock { $0 }
  }

  @Test("A run removes batch after batch until none is left, and is made once an interval, by one process of several")
  func intervals() async throws {
    let test = try await TestSystem()
    let rows = Rows(25)
    let services = [0, 1].map { _ in
      RetentionService(
        database: test.system.database, clock: { test.clock.now() },
        retentions: [Retention("test", every: .seconds(60), batch: 10, remove: rows.remove)])
    }
    #expect(await Self.run(services[0]) == ["test: 25"])
    #expect(await Self.run(services[1]) == [])
    #expect(rows.state.withLock { $0.limits } == [10, 10, 10])
    rows.state.withLock { $0.left = 3 }
    test.clock.advance(seconds: 59)
    #expect(await Self.run(services[0]) == [])
    test.clock.advance(seconds: 1)
    #expect(await Self.run(services[1]) == ["test: 3"])
    #expect(await Self.run(services[0]) == [])
    #expect(try await services[0].totals() == [RetentionTotal(name: "test", removed: 28, failures: 0)])
  }

  @Test("One that fails is reported and counted, keeps none of the others back, and runs again in its time")
  func failures() async throws {
    let test = try await TestSystem()
    let rows = Rows(1)
    let service = RetentionService(
      database: test.system.database, clock: { test.clock.now() },
      retentions: [
        Retention("broken", every: .seconds(60), batch: 1) { _ in throw Broken() },
        Retention("whole", every: .seconds(60), batch: 5, remove: rows.remove),
      ])
    #expect(await Self.run(service) == ["broken: Broken()", "whole: 1"])
    test.clock.advance(seconds: 60)
    #expect(await Self.run(service) == ["broken: Broken()"])
    #expect(
      try await service.totals() == [
        RetentionTotal(name: "broken", removed: 0, failures: 2), RetentionTotal(name: "whole", removed: 1, failures: 0),
      ])
  }

  @Test("The system's retentions all run, and the metrics tell what they removed")
  func system() async throws {
    let test = try await TestSystem()
    let job = try #require(try await test.system.jobs.push([MonitorFatigue(accountID: test.account)]).first).id
    try await test.system.jobs.cancel(job, of: test.account)
    test.clock.advance(seconds: 31 * 86_400)
    #expect(await Self.run(test.system.retention) == ["jobs: 1"])
    #expect(
      try await test.system.retention.totals().map(\.name) == [
        "ad_change_batches", "ad_changes", "ad_delivery", "api_keys", "clicks", "decisions", "deleted_ad_objects",
        "hubspot_deals", "imports", "jobs", "launches", "removed_decisions", "waiting_hubspot_events",
      ])
    try await test.serving { api in
      let answer = try await api.with(key: nil).send(.get, "/metrics")
      let text = String(decoding: answer.bytes, as: UTF8.self)
      #expect(text.contains("geminivideo_retention_removed_total{kind=\"jobs\"} 1.0\n"))
      #expect(text.contains("geminivideo_retention_failures_total{kind=\"decisions\"} 0.0\n"))
    }
  }

  @Test("Old clicks go but those that a deal carries, and old keys once they have ended")
  func clicksAndKeys() async throws {
    let test = try await TestSystem()
    let (account, ad) = (test.account, try #require(AdID("1")))
    for id in ["carried", "free"] {
      _ = try await test.system.attributions.track(
        Click(id: id, adID: ad, clickedAt: test.clock.now()), of: account)
    }
    let repository = AttributionRepository()
    var evidence = AttributionEvidence()
    evidence.reported.add(clickID: "carried")
    let stored = AttributionRepository.Stored(
      dealID: "7", attribution: Attribution(adID: ad, method: .click, reason: "test"), evidence: evidence,
      at: test.clock.now())
    try await test.system.database.write { try repository.save(stored, of: account, in: $0) }
    let keys = test.system.keys
    let names = ["lasting", "revoked", "expired"]
    for name in names {
      let draft = APIKeyDraft(
        role: .viewer, name: name, expiresAt: name == "expired" ? test.clock.now().adding(seconds: 60) : nil)
      let made = try await keys.create(draft, for: account, by: .system)
      if name == "revoked" { _ = try await keys.revoke(made.id, of: account, by: .system) }
    }
    #expect(try await keys.removeEnded(limit: 9) == 0)
    #expect(try await test.system.attributions.removeOldClicks(limit: 9) == 0)
    test.clock.advance(seconds: 401 * 86_400)
    #expect(try await keys.removeEnded(limit: 9) == 2)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM api_keys WHERE name = 'lasting'") == 1)
    #expect(try await test.system.attributions.removeOldClicks(limit: 9) == 1)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM clicks WHERE click_id = 'carried'") == 1)
  }

  @Test("What is known of a deal in no stage is forgotten after long silence; deals that stand stay")
  func goneDeals() async throws {
    let test = try await TestSystem()
    try await test.importText("id,dealstage,createdate\n1,show_up,2026-05-01T10:00:00Z\n", as: .hubspotDeals)
    let (account, facts, now) = (test.account, HubSpotFactRepository(), test.clock.now())
    try await test.system.database.write { transaction in
      for deal in ["1", "2", "merged"] {
        try facts.add([HubSpotFact("amount", "5", at: now)], of: deal, account: account, in: transaction)
        if deal == "merged" {
          try facts.add(
            [HubSpotFact(HubSpotFact.mergedInto, "1", at: now)], of: deal, account: account, in: transaction)
        }
        try facts.save(
          HubSpotFactRepository.Worked(portalID: 1, problem: nil, modifiedAt: nil, configurationVersion: 1),
          dealID: deal, of: account, at: now, in: transaction)
      }
    }
    test.clock.advance(seconds: 400 * 86_400)
    #expect(try await test.system.hubSpot.removeGoneDeals(limit: 9) == 0)
    test.clock.advance(seconds: 1)
    #expect(try await test.system.hubSpot.removeGoneDeals(limit: 9) == 1)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM hubspot_facts WHERE deal_id = '1'") == 1)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM hubspot_facts WHERE deal_id = 'merged'") == 2)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM hubspot_facts") == 3)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM hubspot_deals") == 2)
  }

  @Test("A deal in no stage stays while facts of it are young, however long ago it was worked on")
  func youngFacts() async throws {
    let test = try await TestSystem()
    let (account, facts, now) = (test.account, HubSpotFactRepository(), test.clock.now())
    try await test.system.database.write { transaction in
      let later = HubSpotFact("amount", "5", at: now.adding(seconds: 86_400))
      try facts.add([later], of: "1", account: account, in: transaction)
      try facts.save(
        HubSpotFactRepository.Worked(portalID: 1, problem: nil, modifiedAt: nil, configurationVersion: 1),
        dealID: "1", of: account, at: now, in: transaction)
    }
    test.clock.advance(seconds: 401 * 86_400)
    #expect(try await test.system.hubSpot.removeGoneDeals(limit: 9) == 0)
    test.clock.advance(seconds: 1)
    #expect(try await test.system.hubSpot.removeGoneDeals(limit: 9) == 1)
  }

  @Test("The step that removes jobs nobody does takes those that wait, and nothing else")
  func orphans() async throws {
    let before = allMigrations.prefix { $0.id != "0022_no_orphan_jobs" }
    let test = try await TestDatabase(TestSchema("before-orphans", Array(before)))
    let now = ManualClock().now()
    let names = ["auto_index_winner", "find_winners", "monitor_fatigue"]
    try await test.database.write { transaction in
      for (number, name) in names.enumerated() {
        for (offset, state) in ["available", "completed"].enumerated() {
          let ended = state == "completed" ? now.sqlValue : .null
          let id = "00000000-0000-7000-8000-0000000000\(number)\(offset)"
          try transaction.execute(
            """
            INSERT INTO jobs (account_id, job_id, queue, name, payload, state, priority, turn, attempt,
              maximum_attempts, run_at, created_at, finished_at, lease_token, cancel_requested)
            VALUES ('acme', \(id), 'fatigue-monitoring', \(name), '{}', \(state), 5, 1, 0, 3, \(now), \(now), \(ended),
              0, \(false))
            """)
        }
      }
    }
    try await Migrator(allMigrations).migrate(test.database, at: now)
    let left = try await test.database.read { transaction in
      try transaction.query("SELECT name, state FROM jobs ORDER BY job_id").map {
        "\(try $0.get("name", as: String.self)) \(try $0.get("state", as: String.self))"
      }
    }
    #expect(
      left == [
        "auto_index_winner completed", "find_winners completed", "monitor_fatigue available",
        "monitor_fatigue completed",
      ])
  }
}
