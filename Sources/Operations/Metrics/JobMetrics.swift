import Jobs
import Values
import Web

/// The metrics of the queues.
package struct JobMetrics: Sendable {
  private let queue: any JobQueue
  private let clock: @Sendable () -> Instant

  package init(queue: any JobQueue, clock: @escaping @Sendable () -> Instant) {
    self.queue = queue
    self.clock = clock
  }

  package func read() async throws -> [Metric] {
    var jobs = Metric("geminivideo_jobs", .gauge, "Jobs by queue and state.")
    for count in try await queue.counts() {
      jobs.add([("queue", count.queue.rawValue), ("state", count.state.rawValue)], Double(count.count))
    }
    var oldest = Metric(
      "geminivideo_jobs_oldest_waiting_seconds", .gauge, "Seconds since the oldest available job could have run.")
    for (queue, since) in try await queue.oldestWaiting().sorted(by: { $0.key < $1.key }) {
      oldest.add([("queue", queue.rawValue)], max(0, clock().hours(since: since) * 3600))
    }
    var attempts = Metric("geminivideo_job_attempts_total", .counter, "Attempts by outcome.")
    for counter in try await queue.counters() {
      attempts.add(
        [
          ("queue", counter.key.queue.rawValue), ("name", counter.key.name),
          ("outcome", counter.key.outcome.rawValue), ("failure_class", counter.key.failureClass),
        ], Double(counter.count))
    }
    return [jobs, oldest, attempts]
  }
}
