import Formats
import Jobs
import Values

/// What a monitoring system reads: figures of all accounts together, none of any one.
public struct MetricsRoutes: Sendable {
  private let queue: any JobQueue
  private let hubSpot: HubSpotStatusService
  private let retention: RetentionService
  private let clock: @Sendable () -> Instant

  /// Takes where the figures come from; `clock` tells the present moment.
  public init(
    queue: any JobQueue, hubSpot: HubSpotStatusService, retention: RetentionService,
    clock: @escaping @Sendable () -> Instant
  ) {
    self.queue = queue
    self.hubSpot = hubSpot
    self.retention = retention
    self.clock = clock
  }

  /// The route.
  public var endpoints: [Endpoint] {
    [
      Endpoint(
        .get, "/metrics", operationID: "metrics",
        summary: "Depth, age, throughput and failures of the queues, in Prometheus' text format.", tag: "Operations",
        access: .open, response: .string("Metrics."), responseType: Self.contentType, handle: metrics)
    ]
  }

  private static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  @Sendable private func metrics(_ call: Call) async throws -> Reply {
    var text = MetricsText()
    text.describe("geminivideo_jobs", .gauge, "Jobs by queue and state.")
    for count in try await queue.counts() {
      text.add([("queue", count.queue.rawValue), ("state", count.state.rawValue)], Double(count.count))
    }
    text.describe(
      "geminivideo_jobs_oldest_waiting_seconds", .gauge, "For how long the oldest available job could have run.")
    let now = clock()
    for (queue, since) in try await queue.oldestWaiting().sorted(by: { $0.key < $1.key }) {
      text.add([("queue", queue.rawValue)], max(0, now.hours(since: since) * 3600))
    }
    text.describe("geminivideo_job_attempts_total", .counter, "Attempts by how they ended.")
    for counter in try await queue.counters() {
      text.add(
        [
          ("queue", counter.key.queue.rawValue), ("name", counter.key.name),
          ("outcome", counter.key.outcome.rawValue), ("failure_class", counter.key.failureClass),
        ], Double(counter.count))
    }
    let portals = try await hubSpot.portals()
    text.describe("geminivideo_hubspot_deals_checked_total", .counter, "Deals that reconciling compared.")
    text.add([], Double(portals.mapped.reduce(0) { $0 + $1.dealsChecked }))
    text.describe("geminivideo_hubspot_deals_repaired_total", .counter, "Deals that webhooks had missed.")
    text.add([], Double(portals.mapped.reduce(0) { $0 + $1.dealsRepaired }))
    text.describe("geminivideo_hubspot_events_parked", .gauge, "Events of portals that nobody has mapped.")
    text.add([], Double(portals.unmapped.reduce(0) { $0 + $1.events }))
    let totals = try await retention.totals()
    text.describe("geminivideo_retention_removed_total", .counter, "Old rows that were removed.")
    for total in totals { text.add([("kind", total.name)], Double(total.removed)) }
    text.describe("geminivideo_retention_failures_total", .counter, "Removals of old rows that failed.")
    for total in totals { text.add([("kind", total.name)], Double(total.failures)) }
    return Reply(text: text.text, contentType: Self.contentType)
  }
}

/// Prometheus' text format, version 0.0.4.
struct MetricsText {
  enum Kind: String {
    case gauge, counter
  }

  private(set) var text = ""
  private var name = ""

  /// Begins the samples of a metric.
  mutating func describe(_ name: String, _ kind: Kind, _ help: String) {
    self.name = name
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
  }

  /// Adds a sample of the metric begun last.
  mutating func add(_ labels: [(name: String, value: String)], _ value: Double) {
    let pairs = labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }
    text += name + (pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}") + " \(value)\n"
  }

  private static func escaped(_ value: String) -> String {
    value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }
}
