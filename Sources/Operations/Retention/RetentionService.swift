import Storage
import Values
import Web

/// Removes rows that are no longer needed. Any number of processes may do so: each run is made by one of them.
package struct RetentionService: Sendable {
  private let database: any Database
  private let clock: @Sendable () -> Instant
  private let retentions: [Retention]
  private let repository = RetentionRepository()

  package init(database: any Database, clock: @escaping @Sendable () -> Instant, retentions: [Retention]) {
    self.database = database
    self.clock = clock
    self.retentions = retentions
  }

  /// The result of one run of a retention.
  package enum Event: Sendable {
    /// This many rows were removed, at least one.
    case removed(name: String, rows: Int)
    /// The run ended with an error; the next one is made as scheduled.
    case failed(name: String, any Error)
  }

  /// Runs every retention that is due, one after another, and reports each run that removed something or failed.
  ///
  /// Stops between two batches when the task is cancelled; the next run removes the rest.
  package func runDue(onEvent: @Sendable (Event) -> Void) async {
    for retention in retentions {
      guard !Task.isCancelled else { return }
      do {
        guard try await claim(retention) else { continue }
        let rows = try await run(retention)
        if rows > 0 { onEvent(.removed(name: retention.name, rows: rows)) }
      } catch {
        if Task.isCancelled { return }
        onEvent(.failed(name: retention.name, error))
        try? await add(retention.name, failures: 1)
      }
    }
  }

  /// What the retentions have removed so far.
  package func totals() async throws -> [RetentionTotal] {
    try await database.read { [repository] in try repository.totals(in: $0) }
  }

  /// What the retentions have removed so far, as metrics.
  package func metrics() async throws -> [Metric] {
    var removed = Metric("geminivideo_retention_removed_total", .counter, "Old rows that were removed.")
    var failures = Metric("geminivideo_retention_failures_total", .counter, "Removals of old rows that failed.")
    for total in try await totals() {
      removed.add([("kind", total.name)], Double(total.removed))
      failures.add([("kind", total.name)], Double(total.failures))
    }
    return [removed, failures]
  }

  private func claim(_ retention: Retention) async throws -> Bool {
    let now = clock()
    let next = now.adding(seconds: retention.interval.components.seconds)
    return try await database.write { [repository] transaction in
      try repository.claim(retention.name, at: now, next: next, in: transaction)
    }
  }

  /// Removes rows batch after batch until a batch is not full.
  private func run(_ retention: Retention) async throws -> Int {
    var rows = 0
    while !Task.isCancelled {
      let removed = try await retention.remove(retention.batch)
      if removed > 0 { try await add(retention.name, removed: removed) }
      rows += removed
      if removed < retention.batch { break }
    }
    return rows
  }

  private func add(_ name: String, removed: Int = 0, failures: Int = 0) async throws {
    try await database.write { [repository] transaction in
      try repository.add(name, removed: removed, failures: failures, in: transaction)
    }
  }
}
