import Accounts
import App
import AppTestKit
import Decisions
import HTTPTypes
import Jobs
import Measurement
import SampleData
import Storage
import TestKit
import Testing
import Values
import Web

/// Which jobs may wait, and what becomes of those that are refused what they need.
struct JobKindTests {
  /// A kind of job that no worker does.
  private struct Orphan: AccountJob {
    static let name = "orphan"
    static let queue = QueueName(rawValue: "fatigue-monitoring")
    let accountID: AccountID
  }

  @Test("Exactly the jobs that workers do may be pushed")
  func kinds() async throws {
    let test = try await TestSystem()
    #expect(test.system.jobRegistry.names == Set(System.jobKinds.map { $0.name }))
    let job = Orphan(accountID: test.account)
    await #expect(throws: JobQueueError.unknownKind("orphan")) { try await test.system.jobs.push([job]) }
    await #expect(throws: JobQueueError.unknownKind("orphan")) {
      try await test.system.database.write { try test.system.jobs.push([job], in: $0) }
    }
    #expect(try await test.system.jobs.list(JobFilter()).isEmpty)
  }

  @Test("A dead job of a kind that no worker does any more is not made to wait again")
  func retry() async throws {
    let test = try await TestSystem()
    let elsewhere = DatabaseJobQueue(database: test.system.database, clock: { test.clock.now() })
    let id = try #require(try await elsewhere.push([Orphan(accountID: test.account)]).first).id
    try await elsewhere.cancel(id, of: test.account)
    try await test.serving(as: .operator) { api in
      let refusal = try await api.send(.post, "/api/jobs/\(id)/retry").refusal()
      #expect(refusal.status == 409)
      #expect(refusal.message.contains("orphan"))
    }
    #expect(try await test.system.jobs.job(id, of: test.account)?.state == .cancelled)
  }

  @Test("A decision that is refused is no job well done: it is dead, and says why")
  func refusedDecision() async throws {
    let test = try await TestSystem()
    try await test.system.addSample(test.account, seed: 3)
    try await test.system.lifecycle.setQuotas(of: test.account, by: .system) { $0[.decisions] = 1 }
    for _ in 1...2 {
      try await test.system.jobs.push([ProcessBudgetOptimization(accountID: test.account)])
      try await test.workOffJobs()
    }
    let jobs = try await test.system.jobs.list(JobFilter(accountID: test.account))
    #expect(jobs.map(\.state) == [.dead, .completed])
    #expect(jobs.first?.attempt == 1)
    #expect(jobs.first?.failure?.failureClass == "quota_exceeded")
    #expect(jobs.first?.failure?.reason.contains("may keep 1 decisions") == true)
  }

  @Test("A job that is refused what may come by itself is tried again")
  func oldFigures() async throws {
    let test = try await TestSystem()
    try await test.importText("ad_id,date,impressions,clicks,spend\n1,2026-05-27,1000,10,50\n", as: .adsCSV)
    test.clock.advance(seconds: 20 * 86_400)
    let job = try await worked(ProcessBudgetOptimization(accountID: test.account), in: test)
    #expect(job.state == .scheduled)
    #expect(job.failure?.failureClass == "figures_too_old")
  }

  @Test("A job that meets a row which this release cannot read is tried again, and names the row")
  func unreadableRow() async throws {
    let test = try await TestSystem()
    _ = try await test.system.database.write {
      try $0.execute(#"UPDATE account_configurations SET configuration = '{"blending_curve": "sideways"}'"#)
    }
    let job = try await worked(MonitorFatigue(accountID: test.account), in: test)
    #expect(job.state == .scheduled)
    #expect(job.failure?.failureClass == "unreadable_row")
    #expect(job.failure?.text.contains("the row account_id=acme of account_configurations cannot be read") == true)
  }

  /// The job after one attempt.
  private func worked(_ job: some Job, in test: TestSystem) async throws -> JobRecord {
    let id = try #require(try await test.system.jobs.push([job]).first).id
    #expect(try await test.workOffJobs() == 1)
    return try #require(try await test.system.jobs.job(id, of: test.account))
  }
}
