import Logging
import Synchronization
import Values

/// Counts requests by operation and status, their duration, and refusals by reason. Refusals are also logged, at most
/// once a minute for each reason.
package final class RequestMetrics: Sendable {
  /// The operation under which requests without a route are counted.
  static let noOperation = "none"
  /// Microseconds between two log lines of the same reason.
  private static let logInterval: Int64 = 60_000_000

  private struct RefusalCount {
    var total = 0
    var unlogged = 0
    var loggedAt: Instant?
  }

  private let clock: @Sendable () -> Instant
  private let series = Mutex<[String: RequestSeries]>([:])
  private let refusalCounts = Mutex<[Refusal: RefusalCount]>([:])

  package init(clock: @escaping @Sendable () -> Instant) {
    self.clock = clock
  }

  /// The counts of an operation, shared by all routers that serve it.
  func series(of operation: String) -> RequestSeries {
    series.withLock { series in
      let known = series[operation] ?? RequestSeries()
      series[operation] = known
      return known
    }
  }

  /// Counts a refusal, and logs it unless one with the same reason was logged less than a minute ago.
  package func count(_ refusal: Refusal, logger: Logger) {
    let now = clock()
    let count = refusalCounts.withLock { counts -> Int? in
      counts[refusal, default: RefusalCount()].total += 1
      counts[refusal, default: RefusalCount()].unlogged += 1
      return Self.due(&counts[refusal, default: RefusalCount()], at: now)
    }
    if let count { log(refusal, count, logger) }
  }

  /// Logs the refusals counted since their last log line, where that is at least a minute ago.
  package func logRefusals(logger: Logger) {
    let now = clock()
    for refusal in Refusal.allCases {
      let count = refusalCounts.withLock { counts -> Int? in
        guard counts[refusal] != nil else { return nil }
        return Self.due(&counts[refusal, default: RefusalCount()], at: now)
      }
      if let count { log(refusal, count, logger) }
    }
  }

  private static func due(_ count: inout RefusalCount, at now: Instant) -> Int? {
    if let last = count.loggedAt, now.microseconds - last.microseconds < logInterval { return nil }
    guard count.unlogged > 0 else { return nil }
    defer { count.unlogged = 0 }
    count.loggedAt = now
    return count.unlogged
  }

  private func log(_ refusal: Refusal, _ count: Int, _ logger: Logger) {
    var metadata: Logger.Metadata = ["reason": "\(refusal.rawValue)", "count": "\(count)"]
    if let hint = refusal.hint { metadata["hint"] = "\(hint)" }
    logger.warning("requests are refused", metadata: metadata)
  }

  /// The operations that have answered requests, by name.
  private var operations: [(name: String, counts: RequestSeries.Counts)] {
    series.withLock { $0 }.map { (name: $0.key, counts: $0.value.counts) }
      .filter { $0.counts.buckets.contains { $0 > 0 } }.sorted { $0.name < $1.name }
  }

  /// Refusals by reason, including those that never occurred.
  var refusals: [(reason: Refusal, count: Int)] {
    refusalCounts.withLock { counts in Refusal.allCases.map { (reason: $0, count: counts[$0]?.total ?? 0) } }
  }
}

extension RequestMetrics {
  /// The requests and refusals of this process.
  package var metrics: [Metric] {
    let operations = operations
    var requests = Metric(
      "geminivideo_http_requests_total", .counter, "Answered requests by operation and class of status.")
    var times = Metric("geminivideo_http_request_seconds", .histogram, "Time to answer, by operation.")
    for (name, counts) in operations {
      for (digit, count) in counts.classes.enumerated() where count > 0 {
        requests.add([("operation", name), ("status", "\(digit)xx")], Double(count))
      }
      var sum = 0
      for (bound, count) in zip(RequestSeries.bounds.map { "\($0)" } + ["+Inf"], counts.buckets) {
        sum += count
        times.add([("operation", name), ("le", bound)], Double(sum), suffix: "_bucket")
      }
      times.add([("operation", name)], counts.seconds, suffix: "_sum")
      times.add([("operation", name)], Double(sum), suffix: "_count")
    }
    var refused = Metric("geminivideo_http_refusals_total", .counter, "Refused requests by reason.")
    for (reason, count) in refusals { refused.add([("reason", reason.rawValue)], Double(count)) }
    return [requests, times, refused]
  }
}
