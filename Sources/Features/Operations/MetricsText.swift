import Jobs
import Values

/// Prometheus' text format, version 0.0.4.
struct MetricsText {
  enum Kind: String {
    case gauge, counter, histogram
  }

  private(set) var text = ""
  private var name = ""

  /// Begins the samples of a metric.
  mutating func describe(_ name: String, _ kind: Kind, _ help: String) {
    self.name = name
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
  }

  /// Adds a sample of the metric begun last; `suffix` is a part of its name.
  mutating func add(_ labels: [(name: String, value: String)], _ value: Double, suffix: String = "") {
    let pairs = labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }
    text += name + suffix + (pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}") + " \(value)\n"
  }

  private static func escaped(_ value: String) -> String {
    value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }
}

extension MetricsText {
  /// Adds the requests and refusals of this process.
  mutating func add(_ requests: RequestMetrics) {
    let operations = requests.operations
    describe("geminivideo_http_requests_total", .counter, "Answered requests by operation and class of status.")
    for (name, series) in operations {
      for (digit, count) in series.classes.enumerated() where count > 0 {
        add([("operation", name), ("status", "\(digit)xx")], Double(count))
      }
    }
    describe("geminivideo_http_request_seconds", .histogram, "Time to answer, by operation.")
    for (name, series) in operations {
      var sum = 0
      for (bound, count) in zip(RequestMetrics.bounds.map { "\($0)" } + ["+Inf"], series.buckets) {
        sum += count
        add([("operation", name), ("le", bound)], Double(sum), suffix: "_bucket")
      }
      add([("operation", name)], series.seconds, suffix: "_sum")
      add([("operation", name)], Double(sum), suffix: "_count")
    }
    describe("geminivideo_http_refusals_total", .counter, "Refused requests by reason.")
    for (reason, count) in requests.refusals { add([("reason", reason.rawValue)], Double(count)) }
  }

  /// Adds the figures of the database.
  mutating func add(_ figures: DatabaseFigures.Figures, at now: Instant) {
    describe("geminivideo_jobs", .gauge, "Jobs by queue and state.")
    for count in figures.jobs {
      add([("queue", count.queue.rawValue), ("state", count.state.rawValue)], Double(count.count))
    }
    describe(
      "geminivideo_jobs_oldest_waiting_seconds", .gauge, "For how long the oldest available job could have run.")
    for (queue, since) in figures.oldestWaiting.sorted(by: { $0.key < $1.key }) {
      add([("queue", queue.rawValue)], max(0, now.hours(since: since) * 3600))
    }
    describe("geminivideo_job_attempts_total", .counter, "Attempts by how they ended.")
    for counter in figures.attempts {
      add(
        [
          ("queue", counter.key.queue.rawValue), ("name", counter.key.name),
          ("outcome", counter.key.outcome.rawValue), ("failure_class", counter.key.failureClass),
        ], Double(counter.count))
    }
    describe("geminivideo_hubspot_deals_checked_total", .counter, "Deals that reconciling compared.")
    add([], Double(figures.dealsChecked))
    describe("geminivideo_hubspot_deals_repaired_total", .counter, "Deals that webhooks had missed.")
    add([], Double(figures.dealsRepaired))
    describe("geminivideo_hubspot_events_parked", .gauge, "Events of portals that nobody has mapped.")
    add([], Double(figures.eventsParked))
    describe("geminivideo_retention_removed_total", .counter, "Old rows that were removed.")
    for total in figures.retentions { add([("kind", total.name)], Double(total.removed)) }
    describe("geminivideo_retention_failures_total", .counter, "Removals of old rows that failed.")
    for total in figures.retentions { add([("kind", total.name)], Double(total.failures)) }
  }
}
