import Accounts
import App
import AppTestKit
import Formats
import HTTPTypes
import Jobs
import Operations
import Storage
import TestKit
import Testing
import Values
import Web

/// Jobs of no account beside those of accounts.
struct InstallationJobTests {
  private struct Compact: InstallationJob {
    static let name = "compact"
    static let queue = QueueName(rawValue: "hubspot-webhook-events")
  }

  private let test: TestSystem
  private let queue: DatabaseJobQueue
  private let job: JobID

  init() async throws {
    test = try await TestSystem()
    queue = DatabaseJobQueue(database: test.system.database, clock: test.clock.now)
    job = try #require(try await queue.push([Compact()]).first).id
  }

  @Test("No account's key sees them or does anything with them")
  func api() async throws {
    let (test, job) = (test, job)
    try await test.serving(as: .admin) { api in
      let listed = try await api.send(.get, "/api/jobs").done().list("jobs")
      #expect(listed.isEmpty)
      for (method, path) in [(HTTPRequest.Method.get, ""), (.post, "/cancel"), (.post, "/retry")] {
        let answer = try await api.send(method, "/api/jobs/\(job)\(path)")
        #expect(answer.status == 404)
      }
    }
    #expect(try await queue.job(job, of: nil)?.state == .available)
  }

  @Test("PostgreSQL shows them to nothing that is done for one account, and lets none of it push one")
  func rowSecurity() async throws {
    try await AccountScope.$current.withValue(.account(test.account)) {
      let seen = try await queue.list(JobFilter()).count
      #expect(seen == (TestDatabase.isPostgres ? 0 : 1))
      let pushed = try? await test.system.database.write { [queue] in try queue.push([Compact()], in: $0) }
      #expect((pushed == nil) == TestDatabase.isPostgres)
    }
  }

  @Test("They stay when an account is disabled, exported or deleted")
  func lifecycle() async throws {
    let (test, job) = (test, job)
    try await test.system.lifecycle.disable(test.account, by: .system)
    let claimed = try await queue.claim(
      ClaimRequest(queue: Compact.queue, names: [Compact.name], limit: 1, owner: "test"))
    #expect(claimed.map(\.lease.id) == [job])
    try await test.system.lifecycle.export(test.account, by: .system) { _, line in
      #expect(!String(decoding: line, as: UTF8.self).contains("compact"))
    }
    let receipt = try await test.system.lifecycle.delete(test.account, by: .system)
    #expect(receipt.rowCounts["jobs"] == nil)
    #expect(try await queue.job(job, of: nil)?.state == .running)
  }

  @Test("They are counted in the metrics, and against no account's quota")
  func figures() async throws {
    let usage = try await test.system.lifecycle.usage(of: test.account)
    #expect(usage.quotas.first { $0.quota.name == "waiting_jobs" }?.used == 0)
    let jobs = try await JobMetrics(queue: queue, clock: test.clock.now).read().filter { $0.name == "geminivideo_jobs" }
    #expect(jobs.flatMap(\.samples).map(\.value) == [1])
  }

  @Test("Whoever runs the server tries them again and calls them off; no audit log is theirs")
  func operators() async throws {
    let operators = JobOperatorService(database: test.system.database, queue: queue, audit: test.system.audit)
    try await operators.cancel(job, of: nil, by: .system)
    #expect(try await queue.job(job, of: nil)?.state == .cancelled)
    try await operators.retry(job, of: nil, by: .system)
    #expect(try await queue.job(job, of: nil)?.state == .available)
    await #expect(throws: JobOperatorError.unknown(job)) {
      try await operators.cancel(job, of: test.account, by: .system)
    }
    let lines = try await test.system.database.read { transaction in
      try transaction.query("SELECT action FROM audit_log").map { try $0.get("action", as: String.self) }
    }
    #expect(!lines.contains { $0.hasPrefix("job_") })
  }
}
