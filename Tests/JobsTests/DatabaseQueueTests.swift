import Jobs
import Storage
import TestKit
import Testing
import Values

@Suite("Jobs in the database")
struct DatabaseQueueTests {
  private static let anna = JobQueueConformance.anna

  @Test("a push joins the caller's transaction")
  func transaction() async throws {
    try await withJobDatabase { database, clock in
      let queue = DatabaseJobQueue(database: database, clock: clock.now)
      await #expect(throws: PlainError.self) {
        try await database.write { transaction in
          try queue.push([SampleJob(1)], in: transaction)
          throw PlainError()
        }
      }
      #expect(try await queue.list(JobFilter()).isEmpty)
      let pushed = try await database.write { try queue.push([SampleJob(2)], in: $0) }
      #expect(try await queue.list(JobFilter()).map(\.id) == pushed.map(\.id))
      #expect(try await queue.list(JobFilter()).first?.turn == 1, "the turn was rolled back too")
    }
  }

  @Test("two queues on one database never hand over a job twice, and their counters are equal to the effects")
  func twoProcesses() async throws {
    let clock = ManualClock()
    let test = try await TestDatabase(.jobs)
    let databases = [test.database, try test.openAgain()]
    let effects = Shared<[Int: Int]>([:])
    var registry = JobRegistry()
    registry.register(SampleJob.self) { job, context in
      if job.number.isMultiple(of: 7), context.attempt == 1 {
        throw JudgedError(verdict: .retry(class: "x", after: .zero))
      }
      effects.change { $0[job.number, default: 0] += 1 }
      return nil
    }
    let queues = databases.map { DatabaseJobQueue(database: $0, clock: clock.now) }
    try await queues[0].push((0..<500).map { SampleJob($0) })
    let workers = queues.enumerated().map { number, queue in
      Worker(
        queue: queue, registry: registry, queues: [SampleJob.queue: 16], workerID: "worker-\(number)",
        clock: clock.now)
    }
    try await withThrowingTaskGroup { group in
      for worker in workers { group.addTask { _ = try await worker.workOff() } }
      try await group.waitForAll()
    }
    _ = try await workers[0].workOff()
    #expect(effects.current.count == 500)
    #expect(effects.current.values.allSatisfy { $0 == 1 })
    let counters = try await queues[1].counters()
    #expect(counters.map(\.key.outcome) == [.completed, .retried])
    #expect(counters.map(\.count) == [500, 72])
    await databases[1].shutDown()
  }

  @Test("claiming and unique keys are looked up in indexes of waiting jobs", .enabled(if: !TestDatabase.isPostgres))
  func plans() async throws {
    try await withJobDatabase { database, _ in
      let statements: [(SQL, String)] = [
        (
          """
          SELECT job_id FROM jobs WHERE queue = \("q") AND state = 'available' AND name IN (\("a"), \("b"))
            AND account_id NOT IN (\("c")) ORDER BY priority, turn, job_id LIMIT \(5)
          """, "jobs_available"
        ),
        (
          """
          SELECT job_id FROM jobs WHERE queue = \("q") AND state = 'scheduled' AND run_at <= \(5)
          ORDER BY run_at, job_id LIMIT \(5)
          """, "jobs_scheduled"
        ),
        ("SELECT job_id FROM jobs WHERE queue = \("q") AND state = 'running' AND lease_until <= \(5)", "jobs_running"),
        (
          """
          SELECT job_id FROM jobs WHERE account_id = \("a") AND name = \("b") AND unique_key = \("c")
            AND state IN ('available', 'scheduled')
          """, "jobs_unique"
        ),
        (
          """
          SELECT job_id FROM jobs WHERE queue = \("q") AND state = \("dead")
            AND state IN ('completed', 'cancelled', 'dead') AND finished_at <= \(5) ORDER BY finished_at
          """, "jobs_ended"
        ),
        ("SELECT * FROM jobs WHERE job_id < \("x") ORDER BY job_id DESC LIMIT \(9)", "jobs_by_id"),
      ]
      for (statement, index) in statements {
        let plan = try await database.read { transaction in
          try transaction.query("EXPLAIN QUERY PLAN \(statement)").map { try $0.get("detail", as: String.self) }
        }.joined(separator: "; ")
        #expect(plan.contains(index), "\(plan)")
        #expect(!plan.contains("SCAN") || index == "jobs_by_id", "\(plan)")
      }
    }
  }

  @Test("the schema refuses what the rules do not have")
  func constraints() async throws {
    try await withJobDatabase { database, clock in
      let queue = DatabaseJobQueue(database: database, clock: clock.now)
      try await queue.push([SampleJob(1)])
      for change: SQL in [
        "state = 'running'", "state = 'completed'", "state = 'lost'", "priority = 10", "attempt = 4", "attempt = -1",
        "payload = NULL", "failure_class = 'x'",
      ] {
        await #expect(throws: DatabaseError.self) {
          try await database.write { _ = try $0.execute("UPDATE jobs SET \(change)") }
        }
      }
    }
  }

  @Test("finishing a job that is no longer held rolls the handler's transaction back")
  func leaseLost() async throws {
    try await withJobDatabase { database, clock in
      let queue = DatabaseJobQueue(database: database, clock: clock.now)
      try await queue.push([SampleJob(1)])
      let claim = ClaimRequest(queue: SampleJob.queue, names: [SampleJob.name], limit: 1, owner: "worker")
      let lease = try #require(try await queue.claim(claim).first?.lease)
      try await database.write { try queue.finish(lease, report: nil, in: $0) }
      await #expect(throws: LeaseLost.self) {
        try await database.write { transaction in
          try queue.push([SampleJob(2)], in: transaction)
          try queue.finish(lease, report: nil, in: transaction)
        }
      }
      #expect(try await queue.list(JobFilter()).map(\.state) == [.completed])
    }
  }
}
