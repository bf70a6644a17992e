import Accounts
import App
import AppTestKit
import Decisions
import Formats
import HTTPTypes
import Jobs
import Measurement
import Platforms
import SampleData
import Storage
import TestKit
import Testing
import Values
import Web

/// Accounts that rest, go on, go, and are handed over.
struct LifecycleTests {
  private static let ads = "ad_id,date,impressions,clicks,spend\n1,2026-05-27,100,10,5\n"

  /// A system with data in as many tables as its services fill.
  private static func filledSystem() async throws -> TestSystem {
    let test = try await TestSystem()
    for account in [test.account, try #require(AccountID("other"))] {
      if account != test.account { try await test.system.accounts.create(account) }
      try await test.system.addSample(account, seed: 1)
      _ = try await test.system.keys.create(for: account, role: .admin)
      _ = try await test.system.jobs.push([MonitorFatigue(accountID: account)])
      var conversion = Conversion(dealID: "deal")
      conversion.statedAd = AdID("1")
      _ = try await test.system.attributions.attribute(conversion, of: account)
      _ = try await test.system.hubSpot.map(portal: account == test.account ? 1 : 2, to: account)
      _ = try await test.system.decisions.decide(
        DecisionService.Order(account: account, totalBudget: #require(Money(decimal: "600"))))
    }
    return test
  }

  @Test("A disabled account's keys are refused and its jobs wait, until it is enabled")
  func disable() async throws {
    let test = try await TestSystem()
    try await test.importText(Self.ads, as: .adsCSV)
    try await test.serving { api in
      #expect(try await api.send(.get, "/api/jobs").status == 200)
      _ = try await test.system.jobs.push([ProcessBudgetOptimization(accountID: test.account)])
      try await test.system.lifecycle.disable(test.account, by: .system)
      try await test.system.lifecycle.disable(test.account, by: .system)
      test.clock.advance(seconds: 1)
      let refusal = try await api.send(.get, "/api/jobs").refusal()
      #expect(refusal.status == 403)
      #expect(refusal.code == "account_disabled")
      #expect(try await test.workOffJobs() == 0)
      _ = try await test.system.jobs.push([MonitorFatigue(accountID: test.account)])
      #expect(try await test.workOffJobs() == 0)
      try await test.system.lifecycle.enable(test.account, by: .system)
      test.clock.advance(seconds: 1)
      #expect(try await api.send(.get, "/api/jobs").status == 200)
      #expect(try await test.workOffJobs() == 2)
      let actions = try await test.system.audit.list(of: test.account).map(\.action)
      #expect(actions.prefix(2) == ["account_enabled", "account_disabled"])
      #expect(actions.filter { $0 == "account_disabled" }.count == 1)
    }
  }

  /// A job of a queue that this release does not have.
  private struct LaterJob: AccountJob {
    static let name = "later"
    static let queue = QueueName(rawValue: "of-a-later-release")
    let accountID: AccountID
  }

  @Test("A disabled account's jobs wait in queues that come later, too")
  func laterQueues() async throws {
    let test = try await TestSystem()
    let claim = ClaimRequest(
      queue: LaterJob.queue, names: [LaterJob.name], limit: 1, owner: "test", lease: .seconds(60))
    let jobs = DatabaseJobQueue(database: test.system.database, clock: { test.clock.now() })
    try await test.system.lifecycle.disable(test.account, by: .system)
    _ = try await jobs.push([LaterJob(accountID: test.account)])
    #expect(try await jobs.claim(claim).isEmpty)
    try await test.system.lifecycle.enable(test.account, by: .system)
    #expect(try await jobs.claim(claim).count == 1)
  }

  @Test("Pauses of accounts that an earlier release has disabled hold for every queue after the update")
  func pausesOfEarlierReleases() async throws {
    let steps = allMigrations
    let update = try #require(steps.firstIndex { $0.id == "0016_account_pauses" })
    let before = steps.filter { $0.id != "0016_account_pauses" }
    let test = try await TestDatabase(TestSchema("before_account_pauses", before))
    let (disabled, paused) = (Instant(seconds: 253_402_214_400), Instant(seconds: 1_780_000_060))
    try await test.database.write { transaction in
      for (name, disabledAt) in [("acme", Instant(seconds: 1_780_000_000)), ("other", nil)] {
        try transaction.execute(
          """
          INSERT INTO accounts (account_id, created_at, disabled_at)
          VALUES (\(name), \(Instant(seconds: 1_770_000_000)), \(disabledAt.sqlValue))
          """)
      }
      let pauses: [(String, String, Instant)] = [
        ("acme", "a", disabled), ("acme", "b", disabled), ("acme", "c", paused), ("other", "a", paused),
      ]
      for (account, queue, until) in pauses {
        try transaction.execute(
          """
          INSERT INTO job_pauses (account_id, queue, until, reason)
          VALUES (\(account), \(queue), \(until), \("reason"))
          """)
      }
    }
    try await Migrator(before + [steps[update]]).migrate(test.database, at: paused)
    let left = try await test.database.read { transaction in
      try transaction.query("SELECT account_id, queue, until FROM job_pauses ORDER BY account_id, queue").map {
        "\(try $0.get("account_id", as: String.self)) \(try $0.get("queue", as: String.self)) "
          + "\(try $0.get("until", as: Instant.self))"
      }
    }
    #expect(left == ["acme * \(disabled)", "acme c \(paused)", "other a \(paused)"])
  }

  @Test("The accounts that recurring jobs are made for leave out disabled ones")
  func beat() async throws {
    let test = try await Self.filledSystem()
    let active = { try await test.system.database.read { try test.system.accounts.activeIDs(in: $0).map(\.value) } }
    #expect(try await active() == ["acme", "other"])
    try await test.system.lifecycle.disable(test.account, by: .system)
    #expect(try await active() == ["other"])
  }

  @Test("A deleted account leaves a receipt and nothing else, and others keep all of theirs")
  func delete() async throws {
    let test = try await Self.filledSystem()
    let other = try #require(AccountID("other"))
    let tables = try await test.system.database.read { transaction in
      try DatabaseContents.tables(in: transaction).filter {
        try DatabaseContents.columns(of: $0, in: transaction).contains("account_id")
      }
    }
    let counts = { (account: AccountID) in
      var counts: [String: Int] = [:]
      for table in tables {
        counts[table] = try await test.number(
          "SELECT COUNT(*) AS value FROM \(SQL(stringLiteral: table)) WHERE account_id = \(account)")
      }
      return counts
    }
    let before = (own: try await counts(test.account), other: try await counts(other))
    try #require(before.own.values.filter { $0 > 0 }.count >= 15)
    let receipt = try await test.system.lifecycle.delete(test.account, by: .commandLine(user: "ada"))
    #expect(receipt.rowCounts == before.own.filter { $0.value > 0 })
    #expect(try await counts(test.account).values.allSatisfy { $0 == 0 })
    #expect(try await counts(other) == before.other)
    #expect(try await test.system.lifecycle.receipts() == [receipt])
    #expect(receipt.deletedBy == "cli:ada")
    try await test.system.accounts.create(test.account)
    #expect(try await test.states().isEmpty)
    let nobody = try #require(AccountID("nobody"))
    await #expect(throws: AccountError.unknown(nobody)) {
      try await test.system.lifecycle.delete(nobody, by: .system)
    }
  }

  @Test("An export holds every row of the account, none of others, and no hash of a key")
  func export() async throws {
    let test = try await Self.filledSystem()
    let lines = Lines()
    try await test.system.lifecycle.export(test.account, by: .commandLine(user: "ada")) { table, line in
      lines.add("\(table) \(String(decoding: line, as: UTF8.self))")
    }
    let exported = try #require(try await test.system.audit.list(of: test.account).first)
    #expect(exported.action == "account_exported")
    #expect(exported.actor == "cli:ada")
    let rows = try await test.system.lifecycle.delete(test.account, by: .system).rowCounts
    let byTable = Dictionary(grouping: lines.sorted) { String($0.prefix { $0 != " " }) }
    #expect(byTable.mapValues(\.count) == rows)
    for line in lines.sorted {
      let row = try JSONValue(parsing: line.drop { $0 != " " }.utf8)
      #expect(try row.text("account_id") == "acme")
      #expect(row["secret_hash"] == nil)
    }
  }
}
