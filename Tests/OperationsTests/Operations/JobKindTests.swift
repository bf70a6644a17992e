import Accounts
import App
import AppTestKit
import Decisions
import HTTPTypes
import Jobs
import Measurement
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
    try await test.system.demo.setUp(test.account, seed: 3)
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

  @Test("Of refusals, those that time may lift are tried again, the others end the job at once")
  func verdicts() {
    let lifted: [(APIError.Status, Int?)] = [
      (.conflict, nil), (.preconditionFailed, nil), (.serviceUnavailable, 5), (.internalServerError, nil),
      (.tooManyRequests, 60),
    ]
    for (status, wait) in lifted {
      let error = APIError(status, "some_code", "text", retryAfter: wait)
      #expect(error.verdict == .retry(class: "some_code", after: wait.map { .seconds($0) }), "\(status)")
    }
    for status: APIError.Status in [.notFound, .unprocessableContent, .badRequest, .forbidden, .tooManyRequests] {
      #expect(APIError(status, "some_code", "text").verdict == .discard(class: "some_code", reason: "text"))
    }
  }
}
