import Accounts
import App
import AppTestKit
import Decisions
import Foundation
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

/// The role that docs/databases.md gives the program on PostgreSQL, which owns nothing. Its grants are read from there.
@Suite(.enabled(if: TestDatabase.isPostgres, "GEMINIVIDEO_TEST_DATABASE_URL names no server"))
struct RestrictedRoleTests {
  /// The statements of the documentation for another role than its own.
  private static func grants() throws -> @Sendable (String) -> [String] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
    let text = try String(contentsOf: root.appending(path: "docs/databases.md"), encoding: .utf8)
    let block = try #require(
      text.components(separatedBy: "```sql\n").dropFirst().map { $0.components(separatedBy: "```")[0] }
        .first { $0.contains("GRANT USAGE") })
    let statements = block.split(separator: "\n").filter { !$0.hasPrefix("--") }.joined(separator: " ")
      .split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    return { role in statements.map { $0.replacing("geminivideo_app", with: role) } }
  }

  @Test("The program does its work as a role that owns nothing")
  func work() async throws {
    let test = try await TestSystem(hubSpot: HubSpotSending.settings)
    let restricted = try await test.restricted(Self.grants())
    let other = try #require(AccountID("other"))
    try await restricted.accounts.create(other)
    try await restricted.addSample(other, seed: 1)
    let key = try await restricted.keys.create(APIKeyDraft(role: .admin), for: other, by: .system)
    let principal = try await restricted.keys.principal(bearerToken: key.token)
    try await restricted.keys.recordUses()
    let scope = AccountScope.account(other) { try restricted.keys.prove(principal, in: $0) }
    try await AccountScope.$current.withValue(scope) {
      _ = try await restricted.decisions.decide(
        DecisionService.Order(account: other, totalBudget: #require(Money(decimal: "600"))))
      _ = try await restricted.accounts.update(other, figures: restricted.ads) { $0.maxDailyChange = 0.4 }
      var conversion = Conversion(dealID: "deal")
      conversion.statedAd = AdID("1")
      _ = try await restricted.attributions.attribute(conversion, of: other)
    }
    _ = try await restricted.hubSpot.map(portal: 7, to: other)
    _ = try await restricted.jobs.push([MonitorFatigue(accountID: other)])
    _ = try await restricted.jobs.push([ReconcileHubSpot(accountID: other)])
    let worker = Worker(
      queue: restricted.jobs, registry: restricted.jobRegistry,
      queues: [ProcessHubSpotWebhook.queue: 1, MonitorFatigue.queue: 1, ProcessBudgetOptimization.queue: 1],
      workerID: "test",
      clock: { test.clock.now() })
    #expect(try await worker.workOff() > 0)
    _ = try await restricted.keys.rotate(key.id, of: other, graceHours: 0, by: .system)
    try await restricted.lifecycle.disable(other, by: .system)
    try await restricted.lifecycle.enable(other, by: .system)
    #expect(try await restricted.audit.verify(other).problem == nil)
    try await restricted.lifecycle.export(other, by: .system) { _, _ in }
  }

  @Test("Accounts are deleted by the owner alone, and the other role is told so")
  func deletion() async throws {
    let test = try await TestSystem()
    let restricted = try await test.restricted(Self.grants())
    await #expect(throws: AccountError.roleMayNotDelete) {
      try await restricted.lifecycle.delete(test.account, by: .system)
    }
    _ = try await test.system.lifecycle.delete(test.account, by: .system)
    #expect(try await restricted.accounts.all().isEmpty)
  }

  @Test(
    "The role can neither change nor remove what is kept for good",
    arguments: [
      "UPDATE audit_log SET actor = 'evil'", "DELETE FROM audit_log", "TRUNCATE audit_log", "DELETE FROM accounts",
      "ALTER TABLE audit_log DISABLE TRIGGER USER", "DROP TABLE audit_log", "DELETE FROM audit_heads",
      "UPDATE schema_migrations SET checksum = ''", "DELETE FROM account_receipts",
      "ALTER TABLE audit_log NO FORCE ROW LEVEL SECURITY", "DROP FUNCTION audit_log_keeps_lines() CASCADE",
      "CREATE TABLE accounts2 (account_id text)",
    ])
  func keptForGood(_ statement: String) async throws {
    let test = try await TestSystem()
    let restricted = try await test.restricted(Self.grants())
    let before = try await test.dump()
    let error = await #expect(throws: DatabaseError.self) {
      try await restricted.database.write { try $0.execute(SQL(stringLiteral: statement)) }
    }
    #expect(error?.description.contains("42501") == true, "\(String(describing: error))")
    #expect(try await test.dump() == before)
  }
}
