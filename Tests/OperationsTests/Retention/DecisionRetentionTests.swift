import Accounts
import App
import AppTestKit
import Decisions
import Formats
import HTTPTypes
import Measurement
import Storage
import TestKit
import Testing
import Values
import Web

/// How long decisions are kept, and what is left of them.
struct DecisionRetentionTests {
  private static let figures = "ad_id,date,impressions,clicks,spend\n1,2026-05-20,1000,20,100\n"

  private static func system(days: Int, count: Int) async throws -> TestSystem {
    let test = try await TestSystem()
    try await test.importText(figures, as: .adsCSV)
    try await test.system.lifecycle.setDecisionRetention(
      DecisionRetention(days: days, count: count), of: test.account, by: .system)
    return test
  }

  private static func kept(_ test: TestSystem) async throws -> Int {
    try await test.number("SELECT COUNT(*) AS value FROM decisions")
  }

  @Test("Decisions go once they are too old, and not a moment before")
  func age() async throws {
    let test = try await Self.system(days: 2, count: 100)
    let old = try await test.decide("20")
    test.clock.advance(seconds: 1)
    let younger = try await test.decide("20")
    test.clock.advance(seconds: 2 * 86_400 - 1)
    #expect(try await test.system.decisions.removeExpired(limit: 10) == 0)
    test.clock.advance(seconds: 1)
    #expect(try await test.system.decisions.removeExpired(limit: 10) == 1)
    _ = try await test.system.decisions.stored(younger.id)
    let error = await #expect(throws: DecisionError.self) { try await test.system.decisions.replay(old.id) }
    #expect(error?.apiError.status == .notFound)
    #expect(error?.code == "decision_removed")
    #expect(error?.description.contains("split 20.00") == true)
  }

  @Test("Of decisions beyond the count the oldest go, those of one moment among them, a batch at a time")
  func count() async throws {
    let test = try await Self.system(days: 100, count: 3)
    var ids: [DecisionID] = []
    for step in 0..<7 {
      ids.append(try await test.decide("20").id)
      if step.isMultiple(of: 2) { test.clock.advance(seconds: 1) }
    }
    #expect(try await test.system.decisions.removeExpired(limit: 3) == 3)
    #expect(try await test.system.decisions.removeExpired(limit: 3) == 1)
    #expect(try await test.system.decisions.removeExpired(limit: 3) == 0)
    #expect(try await Self.kept(test) == 3)
    for id in ids.suffix(2) { _ = try await test.system.decisions.stored(id) }
  }

  @Test("Each account's decisions are kept as long as its own setting says")
  func accounts() async throws {
    let test = try await Self.system(days: 1, count: 1)
    let other = try #require(AccountID("other"))
    try await test.system.accounts.create(other)
    _ = try await test.system.imports.importFile(
      test.file("other.csv", Self.figures.utf8), as: .adsCSV, into: other, ImportOptions()
    ) { _ in }
    for account in [test.account, other] {
      for _ in 0..<3 {
        _ = try await test.system.decisions.decide(
          DecisionService.Order(account: account, totalBudget: #require(Money(decimal: "20"))))
      }
    }
    #expect(try await test.system.decisions.removeExpired(limit: 100) == 2)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM decisions WHERE account_id = 'other'") == 3)
  }

  @Test("What the audit needs of a removed decision stays, its result's hash with it, for ten years")
  func summary() async throws {
    let test = try await Self.system(days: 1, count: 100)
    let decided = try await test.decide("20") { $0.seed = 7 }
    let result = try await test.system.decisions.stored(decided.id).result
    test.clock.advance(seconds: 3 * 86_400)
    #expect(try await test.system.decisions.removeExpired(limit: 100) == 1)
    let left = try #require(try await test.dump()["removed_decisions"])
    #expect(left.count == 1)
    for part in ["'acme' '\(decided.id.token)'", " 'system' ", "'battle_hardened/", " 7 20000000 "] {
      #expect(left[0].contains(part), "\(left[0])")
    }
    #expect(!left[0].contains(result))
    test.clock.advance(seconds: 3_640 * 86_400)
    #expect(try await test.system.decisions.forgetRemoved(limit: 5) == 0)
    test.clock.advance(seconds: 10 * 86_400)
    #expect(try await test.system.decisions.forgetRemoved(limit: 5) == 1)
    await #expect(throws: DecisionError.unknown(decided.id)) { try await test.system.decisions.stored(decided.id) }
  }

  @Test("The setting is shown with the limits, and who changed it is in the audit log")
  func setting() async throws {
    let test = try await TestSystem()
    try await test.serving { api in
      let standard = try await api.send(.get, "/api/accounts/acme/limits").done()
      #expect(try standard.number("decision_retention.days") == 400)
      #expect(try standard.number("decision_retention.count") == 10_000)
      try await test.system.lifecycle.setDecisionRetention(
        DecisionRetention(days: 30, count: 0), of: test.account, by: .commandLine(user: "ada"))
      let changed = try await api.send(.get, "/api/accounts/acme/limits").done()
      #expect(try changed.number("decision_retention.days") == 30)
      #expect(try changed.number("decision_retention.count") == 1, "none at all is not offered")
      let log = try await api.send(.get, "/api/audit-log").done()
      #expect(try log.text("entries.0.action") == "decision_retention_changed")
      #expect(try log.text("entries.0.actor") == "cli:ada")
    }
    let missing = try #require(AccountID("missing"))
    await #expect(throws: AccountError.unknown(missing)) {
      try await test.system.lifecycle.setDecisionRetention(.standard, of: missing, by: .system)
    }
  }
}
