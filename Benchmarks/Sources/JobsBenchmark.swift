import ArgumentParser
import Foundation
import Jobs
import Storage
import StorageSQLite
import Synchronization
import Values

/// `benchmarks jobs`: how many jobs that do nothing are pushed and processed in a second, each of them on disk.
struct JobsBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jobs", abstract: "Time pushing jobs and working them off on SQLite; print a line of JSON.")

  @Option(help: "Jobs to push in batches and to work off.")
  var jobs = 50_000
  @Option(help: "Jobs of one push.")
  var batch = 100
  @Option(help: "Jobs to push one by one after that, and to work off.")
  var singles = 5_000
  @Option(help: "How many pushes of one job are under way at once.")
  var pushers = 64
  @Option(help: "How many jobs the worker runs at once.")
  var places = 64
  @Option(help: "The folder that holds the database while this runs; it must be on a disk.")
  var folder = "."

  func validate() throws {
    guard jobs > 0, singles > 0, pushers > 0, (1...1000).contains(places), (1...JobLimits.batch).contains(batch) else {
      throw ValidationError("there must be something to push and somebody to work")
    }
  }

  func run() async throws {
    let place = URL(fileURLWithPath: folder).appendingPathComponent("jobs-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: place) }
    let database = try SQLiteDatabase(path: place.appendingPathComponent("jobs.sqlite").path)
    try await Migrator(JobMigrations.all).migrate(database, at: Self.now())
    let queue = DatabaseJobQueue(database: database, clock: Self.now)

    let batched = try await seconds { try await pushInBatches(to: queue) }
    let worked = try await seconds { try await workOff(jobs, from: queue) }
    let alone = try await seconds { try await pushOneByOne(to: queue) }
    try await workOff(singles, from: queue)
    try await check(queue)
    print(
      """
      {"benchmark":"jobs","jobs":\(jobs),"batch":\(batch),"pushers":\(pushers),"places":\(places),\
      "batched_pushes_per_second":\(rate(jobs, batched)),"single_pushes_per_second":\(rate(singles, alone)),\
      "worked_per_second":\(rate(jobs, worked)),"end_to_end_per_second":\(rate(jobs, batched + worked))}
      """)
  }

  private func pushInBatches(to queue: DatabaseJobQueue) async throws {
    for start in stride(from: 0, to: jobs, by: batch) {
      try await queue.push((start..<min(start + batch, jobs)).compactMap(EmptyJob.init))
    }
  }

  private func pushOneByOne(to queue: DatabaseJobQueue) async throws {
    try await withThrowingTaskGroup { group in
      for pusher in 0..<pushers {
        group.addTask {
          for number in stride(from: pusher, to: singles, by: pushers) {
            try await queue.push([number].compactMap(EmptyJob.init))
          }
        }
      }
      try await group.waitForAll()
    }
  }

  /// Has a worker, as `geminivideo worker` runs it, do `count` jobs, and stops it then.
  private func workOff(_ count: Int, from queue: DatabaseJobQueue) async throws {
    var registry = JobRegistry()
    registry.register(EmptyJob.self) { _, _ in nil }
    let (progress, report) = AsyncThrowingStream<Void, any Error>.makeStream()
    let left = Mutex(count)
    let worker = Worker(
      queue: queue, registry: registry, queues: [EmptyJob.queue: places], workerID: "benchmark", clock: Self.now,
      onEvent: { event in
        switch event {
        case .ended(_, .completed):
          let isLast = left.withLock { left in
            left -= 1
            return left == 0
          }
          if isLast { report.finish() }
        default: report.finish(throwing: ValidationError("a job did not end as it should: \(event)"))
        }
      })
    let work = Task { await worker.run() }
    defer { work.cancel() }
    for try await _ in progress {}
  }

  /// A fast wrong end is no result: every job is there and done.
  private func check(_ queue: DatabaseJobQueue) async throws {
    let counts = try await queue.counts()
    guard counts.count == 1, counts.first?.state == .completed, counts.first?.count == jobs + singles else {
      throw ValidationError("not every job was done: \(counts)")
    }
  }

  private func seconds(_ work: () async throws -> Void) async throws -> Double {
    let start = ContinuousClock.now
    try await work()
    return (ContinuousClock.now - start) / .seconds(1)
  }

  private func rate(_ count: Int, _ seconds: Double) -> String {
    String(format: "%.1f", Double(count) / seconds)
  }

  @Sendable static func now() -> Instant {
    Instant(microseconds: Int64(clamping: Date().timeIntervalSince1970 * 1_000_000))
  }
}

/// A job that does nothing, of one of a hundred accounts.
struct EmptyJob: AccountJob {
  static let name = "empty"
  static let queue = QueueName(rawValue: "benchmark")

  let accountID: AccountID

  init?(_ number: Int) {
    guard let account = AccountID("account-\(number % 100)") else { return nil }
    accountID = account
  }
}
