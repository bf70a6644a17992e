import Jobs
import RemoteAPIs
import Synchronization
import Values

/// What a monitoring system reads: figures of all accounts together, none of any one.
public struct MetricsRoutes: Sendable {
  /// How often anybody may read them: they cost little, but not nothing.
  private static let rate = RequestRate(perMinute: 600, burst: 60)

  private let requests: RequestMetrics
  private let database: DatabaseFigures
  private let token: Secret?
  private let clock: @Sendable () -> Instant
  private let bucket: Bucket

  /// Takes where the figures come from; `token` is what a reader must send, nil for nothing, and `clock` tells the
  /// present moment.
  public init(
    requests: RequestMetrics, queue: any JobQueue, hubSpot: HubSpotStatusService, retention: RetentionService,
    token: Secret?, clock: @escaping @Sendable () -> Instant
  ) {
    self.requests = requests
    self.token = token
    self.clock = clock
    database = DatabaseFigures(queue: queue, hubSpot: hubSpot, retention: retention, clock: clock)
    bucket = Bucket(TokenBucket(Self.rate, at: clock()))
  }

  /// The route.
  public var endpoints: [Endpoint] {
    [
      Endpoint(
        .get, "/metrics", operationID: "metrics",
        summary: "Requests, refusals, and depth, age, throughput and failures of the queues, in Prometheus' text "
          + "format. The queues' figures are up to \(DatabaseFigures.lifetimeSeconds) s old.",
        tag: "Operations", access: .token(token), response: .string("Metrics."), responseType: Self.contentType,
        handle: metrics)
    ]
  }

  private static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  @Sendable private func metrics(_ call: Call) async throws -> Reply {
    if let seconds = bucket.take(Self.rate, at: clock()) {
      throw APIError(
        .tooManyRequests, "rate_limited", "metrics are read too often; try again in \(seconds) s", retryAfter: seconds
      ).counted(as: .rateLimited)
    }
    var text = MetricsText()
    text.add(requests)
    text.describe("geminivideo_database_up", .gauge, "Whether the figures of the database could be read.")
    do {
      let figures = try await database.current()
      text.add([], 1)
      text.add(figures, at: clock())
    } catch {
      // What is known without the database is told all the same: it is needed most when the database fails.
      text.add([], 0)
    }
    return Reply(text: text.text, contentType: Self.contentType)
  }
}

/// A token bucket that requests share.
private final class Bucket: Sendable {
  private let bucket: Mutex<TokenBucket>

  init(_ bucket: TokenBucket) {
    self.bucket = Mutex(bucket)
  }

  func take(_ rate: RequestRate, at now: Instant) -> Int? {
    bucket.withLock { $0.take(rate, at: now) }
  }
}
