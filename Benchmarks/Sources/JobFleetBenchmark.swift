import ArgumentParser
import Foundation
import Jobs
import Storage
import StoragePostgres
import Synchronization
import Values

/// `benchmarks job-fleet`: schedulers push and workers work off jobs on PostgreSQL at the same time, each with
/// connections of its own, as so many processes would. A run counts only if each job has left its effect once.
struct JobFleetBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "job-fleet",
    abstract: "Time several schedulers and workers on an empty PostgreSQL database; print a line of JSON.")

  @Option(help: "How to connect to a database that may be filled.")
  var database: String
  @Option(help: "Jobs in all.")
  var jobs = 100_000
  @Option(help: "Jobs that a tick of the schedule pushes; a tick comes each second.")
  var batch = 10_000
  @Option(help: "How many schedulers compete for the ticks.")
  var schedulers = 2
  @Option(help: "How many workers compete for the jobs.")
  var workers = 8
  @Option(help: "How many jobs each worker runs at once.")
  var places = 8
  @Flag(help: "Let jobs do nothing; otherwise each writes a row, in the transaction that completes it.")
  var empty = false
  @Option(help: "Remove jobs that ended longer ago, in seconds, and report how large the table grows; 0 keeps them.")
  var retention = 0

  func validate() throws {
    guard jobs > 0, (1...1000).contains(places), (1...64).contains(workers), (1...64).contains(schedulers),
      batch > 0, jobs.isMultiple(of: batch)
    else { throw ValidationError("there must be jobs, a whole number of batches, somebody to push and to work") }
  }

  func run() async throws {
    let settings = try PostgresSettings(database)
    let base = PostgresDatabase(settings)
    try await Migrator(JobMigrations.all).migrate(base, at: JobsBenchmark.now())
    try await base.write { transaction in
      try transaction.execute("CREATE TABLE benchmark_pushes (first_job BIGINT PRIMARY KEY, created_at TIMESTAMPTZ)")
      try transaction.execute("CREATE TABLE benchmark_effects (job BIGINT NOT NULL)")
    }
    let members = (0..<schedulers + workers).map { _ in PostgresDatabase(settings) }
    let progress = Progress(of: jobs)
    let running = members.enumerated().map { index, member in
      Task {
        if index < schedulers {
          await scheduler(on: member).run()
        } else {
          await worker("worker-\(index)", on: member, progress).run()
        }
      }
    }
    let sizes = try await measuringSizes(of: base) { try await progress.end() }
    for task in running { task.cancel() }
    for task in running { await task.value }
    for member in members { await member.shutDown() }
    let seconds = try await checkedSeconds(base)
    await base.shutDown()
    print(
      """
      {"benchmark":"job-fleet","jobs":\(jobs),"schedulers":\(schedulers),"workers":\(workers),"places":\(places),\
      "empty":\(empty),"jobs_per_second":\(String(format: "%.1f", Double(jobs) / seconds)),\
      "sizes":[\(sizes.map(\.json).joined(separator: ","))]}
      """)
  }

  /// How large the jobs' table and its indexes are, in bytes, and how many rows they hold.
  private struct Size {
    let rows: Int
    let table: Int
    let indexes: Int

    var json: String { #"{"rows":\#(rows),"table":\#(table),"indexes":\#(indexes)}"# }
  }

  /// Runs `body` while old jobs are removed each second, and returns the sizes every ten seconds.
  private func measuringSizes(
    of database: PostgresDatabase, _ body: @escaping @Sendable () async throws -> Void
  ) async throws -> [Size] {
    guard retention > 0 else {
      try await body()
      return []
    }
    let age = JobRetention(completed: .seconds(retention), others: .seconds(retention))
    let queue = DatabaseJobQueue(database: database, clock: JobsBenchmark.now)
    let watch = Task {
      var sizes: [Size] = []
      var second = 0
      while !Task.isCancelled {
        while try await queue.prune(age, limit: 1_000) == 1_000 {}
        if second.isMultiple(of: 10) { sizes.append(try await Self.size(in: database)) }
        second += 1
        try? await Task.sleep(for: .seconds(1))
      }
      return sizes
    }
    try await body()
    watch.cancel()
    return try await watch.value
  }

  private static func size(in database: PostgresDatabase) async throws -> Size {
    let row = try await database.read { transaction in
      try transaction.first(
        """
        SELECT COUNT(*) AS rows, pg_relation_size('jobs') AS heap, pg_indexes_size('jobs') AS indexes FROM jobs
        """)
    }
    guard let row else { throw ValidationError("PostgreSQL does not answer") }
    return Size(rows: try row.get("rows"), table: try row.get("heap"), indexes: try row.get("indexes"))
  }

  private func scheduler(on database: any Database) -> Scheduler {
    let queue = DatabaseJobQueue(database: database, clock: JobsBenchmark.now)
    let entry = ScheduleEntry(name: "push", timing: .every(seconds: 1)) { [jobs, batch] transaction, _ in
      let row = try transaction.first("SELECT COALESCE(MAX(first_job) + \(batch), 0) AS next FROM benchmark_pushes")
      guard let next: Int = try row?.get("next"), next < jobs else { return }
      try transaction.execute(
        "INSERT INTO benchmark_pushes (first_job, created_at) VALUES (\(next), \(JobsBenchmark.now()))")
      for start in stride(from: next, to: next + batch, by: JobLimits.batch) {
        let numbers = start..<min(start + JobLimits.batch, next + batch)
        try queue.push(numbers.compactMap(CountedJob.init), in: transaction)
      }
    }
    return Scheduler(
      database: database, entries: { _ in [entry] }, clock: JobsBenchmark.now,
      onFailure: { FileHandle.standardError.write(Data("\($0)\n".utf8)) })
  }

  private func worker(_ name: String, on database: any Database, _ progress: Progress) -> Worker {
    var registry = JobRegistry()
    registry.register(CountedJob.self) { [empty] job, context in
      guard !empty else { return nil }
      // The job's end is written only by who holds it: nothing else has to be kept apart.
      try await database.write(isolation: .readCommitted) { transaction in
        try transaction.execute("INSERT INTO benchmark_effects (job) VALUES (\(job.number))")
        try context.finish(in: transaction)
      }
      return nil
    }
    return Worker(
      queue: DatabaseJobQueue(database: database, clock: JobsBenchmark.now), registry: registry,
      queues: [CountedJob.queue: places], workerID: name, clock: JobsBenchmark.now, onEvent: progress.note)
  }

  /// A fast wrong end is no result: every job is there, done, and has left its effect once. Returns the seconds from
  /// the first push to the last end.
  private func checkedSeconds(_ database: any Database) async throws -> Double {
    let row = try await database.read { transaction in
      try transaction.first(
        """
        SELECT (SELECT COUNT(*) FROM jobs WHERE state <> 'completed') AS open, (SELECT COUNT(*) FROM jobs) AS kept,
          (SELECT CAST(SUM(count) AS BIGINT) FROM job_counters WHERE outcome = 'completed') AS counted,
          (SELECT COUNT(*) FROM benchmark_effects) AS effects,
          (SELECT COUNT(DISTINCT job) FROM benchmark_effects) AS jobs_with_effect,
          (SELECT MIN(created_at) FROM benchmark_pushes) AS began, (SELECT MAX(finished_at) FROM jobs) AS ended
        """)
    }
    guard let row else { throw ValidationError("PostgreSQL does not answer") }
    var expected = ["open": 0, "counted": jobs]
    if retention == 0 { expected["kept"] = jobs }
    if !empty { (expected["effects"], expected["jobs_with_effect"]) = (jobs, jobs) }
    for (name, count) in expected where try row.get(name) != count {
      throw ValidationError("\(name) is \(try row.get(name, as: Int.self)), not \(count)")
    }
    let (began, ended) = (try row.get("began", as: Instant.self), try row.get("ended", as: Instant.self))
    return Double(ended.microseconds - began.microseconds) / 1e6
  }
}

/// Counts the jobs that workers have done.
private final class Progress: Sendable {
  private let left: Mutex<Int>
  private let (done, report) = AsyncThrowingStream<Void, any Error>.makeStream()

  init(of count: Int) {
    left = Mutex(count)
  }

  /// Returns when all are done.
  func end() async throws {
    for try await _ in done {}
  }

  @Sendable func note(_ event: WorkerEvent) {
    switch event {
    case .ended(_, .completed), .finishedByHandler:
      let isLast = left.withLock { left in
        left -= 1
        return left == 0
      }
      if isLast { report.finish() }
    default: FileHandle.standardError.write(Data("\(event)\n".utf8))
    }
  }
}

/// A job with a number, of one of a hundred accounts.
private struct CountedJob: AccountJob {
  static let name = "counted"
  static let queue = QueueName(rawValue: "benchmark")

  let accountID: AccountID
  let number: Int

  init?(_ number: Int) {
    guard let account = AccountID("account-\(number % 100)") else { return nil }
    (accountID, self.number) = (account, number)
  }
}
