import Dispatch
import Jobs
import Storage
import TestKit
import Testing
import Values

/// What PostgreSQL alone can get wrong: its choice of plans, and rows that are dead but not gone.
@Suite("Jobs on PostgreSQL", .enabled(if: TestDatabase.isPostgres, "GEMINIVIDEO_TEST_DATABASE_URL names no server"))
struct PostgresQueueTests {
  /// A queue that has done `ended` jobs, with `waiting` more of many accounts.
  private func fill(_ database: any Database, ended: Int, waiting: Int) async throws {
    let now = ManualClock().now()
    try await database.write { transaction in
      for (count, state, finishedAt) in [(ended, "completed", now.sqlValue), (waiting, "available", .null)] {
        try transaction.execute(
          """
          INSERT INTO jobs (account_id, job_id, queue, name, payload, state, priority, turn, attempt, maximum_attempts,
            run_at, created_at, finished_at, lease_token, cancel_requested)
          SELECT 'account-' || n % 50, CAST(gen_random_uuid() AS TEXT), \(SampleJob.queue), \(SampleJob.name), '{}',
            \(state), 5, n, 0, 3, \(now), \(now), \(finishedAt), 0, false
          FROM generate_series(1, \(count)) AS n
          """)
      }
    }
    _ = try await database.write { try $0.execute("ANALYZE jobs") }
  }

  private func plan(of statement: SQL, on database: any Database) async throws -> String {
    try await database.write { transaction in
      try transaction.query("EXPLAIN \(statement)").map { try $0.get("QUERY PLAN", as: String.self) }
    }.joined(separator: "\n")
  }

  @Test("A claim reads the next jobs in line from the index of those that wait, and sorts nothing")
  func claimPlan() async throws {
    try await withJobDatabase { database, _ in
      try await fill(database, ended: 20_000, waiting: 5_000)
      let plan = try await plan(
        of: """
          SELECT account_id, job_id, name, payload, priority, turn, attempt, maximum_attempts, created_at, lease_token
          FROM jobs
          WHERE queue = \(SampleJob.queue) AND state = 'available' AND name IN (\(SampleJob.name), \("other"))
            AND account_id NOT IN (\("account-1"), \("account-2"))
          ORDER BY priority, turn, job_id LIMIT \(10) FOR UPDATE SKIP LOCKED
          """, on: database)
      #expect(plan.contains("Index Scan using jobs_available"), "\(plan)")
      #expect(!plan.contains("Sort") && !plan.contains("Seq Scan"), "\(plan)")
    }
  }

  @Test("What is due, whose lease is over, what ended and what is the same are found in indexes")
  func otherPlans() async throws {
    try await withJobDatabase { database, clock in
      try await fill(database, ended: 20_000, waiting: 5_000)
      let now = clock.now()
      let statements: [(SQL, String)] = [
        (
          """
          SELECT account_id, job_id, priority FROM jobs WHERE queue = \(SampleJob.queue) AND state = 'scheduled'
            AND run_at <= \(now) ORDER BY run_at, job_id LIMIT \(500) FOR UPDATE SKIP LOCKED
          """, "jobs_scheduled"
        ),
        (
          """
          SELECT job_id FROM jobs WHERE queue = \(SampleJob.queue) AND state = 'running' AND lease_until <= \(now)
          ORDER BY lease_until, job_id LIMIT \(500) FOR UPDATE SKIP LOCKED
          """, "jobs_running"
        ),
        (
          """
          SELECT job_id FROM jobs WHERE account_id = \("account-1") AND name = \(SampleJob.name)
            AND unique_key = \("c") AND state IN ('available', 'scheduled')
          """, "jobs_unique"
        ),
        ("SELECT * FROM jobs WHERE job_id < \("x") ORDER BY job_id DESC LIMIT \(9)", "jobs_by_id"),
      ]
      for (statement, index) in statements {
        let plan = try await plan(of: statement, on: database)
        #expect(plan.contains(index), "\(plan)")
        #expect(!plan.contains("Seq Scan"), "\(plan)")
      }
    }
  }

  @Test("A waiting job that a push met is claimed only once that push has committed")
  func heldTwin() async throws {
    try await withJobDatabase { database, clock in
      let queue = DatabaseJobQueue(database: database, clock: clock.now)
      let waiting = try #require(try await queue.push([SampleJob(1, key: "a")]).first)
      let request = ClaimRequest(queue: SampleJob.queue, names: [SampleJob.name], limit: 1, owner: "worker")
      let (met, meeting) = AsyncStream.makeStream(of: Void.self)
      let commit = DispatchSemaphore(value: 0)
      async let pushed = database.write { transaction in
        defer { meeting.finish() }
        let pushed = try queue.push([SampleJob(2, key: "a")], in: transaction)
        meeting.finish()
        guard commit.wait(timeout: .now() + 60) == .success else { throw PlainError() }
        return pushed
      }
      for await _ in met {}
      let during = try await queue.claim(request)
      commit.signal()
      #expect(try await pushed.map(\.id) == [waiting.id])
      #expect(during.isEmpty)
      #expect(try await queue.claim(request).map(\.lease.id) == [waiting.id])
    }
  }

  @Test("Under churn the table does not grow: what is dead makes room for what comes")
  func churn() async throws {
    let test = try await TestDatabase(.jobs)
    let clock = ManualClock()
    let queue = DatabaseJobQueue(database: test.database, clock: clock.now, generator: SeededRandom(seed: 11))
    var registry = JobRegistry()
    registry.register(SampleJob.self) { _, _ in nil }
    let worker = Worker(
      queue: queue, registry: registry, queues: [SampleJob.queue: 50], workerID: "churn", clock: clock.now)
    var sizes: [Int] = []
    for round in 0..<8 {
      for batch in 0..<2 { try await queue.push((0..<500).map { SampleJob(round * 1_000 + batch * 500 + $0) }) }
      #expect(try await worker.workOff() == 1_000)
      clock.advance(seconds: 30 * 86_400)
      sizes.append(try await Self.size(in: test.database))
      while try await queue.prune(.standard, limit: 1_000) > 0 {}
      try test.vacuum("jobs")
    }
    #expect(try #require(sizes.last) <= sizes[0] * 3 / 2, "\(sizes)")
  }

  /// The size of the table, in bytes. Its indexes take emptied pages up again a while later, when no transaction that
  /// ran meanwhile anywhere on the server can look into them.
  private static func size(in database: any Database) async throws -> Int {
    try await database.read { transaction in
      try #require(try transaction.first("SELECT pg_relation_size('jobs') AS size")).get("size")
    }
  }
}
