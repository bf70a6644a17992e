import Accounts
import RemoteAPIs
import Synchronization
import Values
import Web

/// What a monitoring system reads: figures of all accounts together, none of any one.
package struct MetricsRoutes: Sendable {
  /// How often anybody may read them: they cost little, but not nothing.
  private static let rate = RequestRate(perMinute: 600, burst: 60)

  private let requests: RequestMetrics
  private let cache: MetricsCache
  private let token: Secret?
  private let clock: @Sendable () -> Instant
  private let bucket: Bucket

  /// Takes this process's requests and the sources of all other metrics; `token` is what a reader must send, nil for
  /// nothing, and `clock` tells the present moment.
  package init(
    requests: RequestMetrics, sources: [MetricSource], token: Secret?, clock: @escaping @Sendable () -> Instant
  ) {
    self.requests = requests
    self.token = token
    self.clock = clock
    cache = MetricsCache(sources: sources, clock: clock)
    bucket = Bucket(TokenBucket(Self.rate, at: clock()))
  }

  /// The route.
  package var endpoints: [Endpoint] {
    [
      Endpoint(
        .get, "/metrics", operationID: "metrics",
        summary: "Requests, refusals, and depth, age, throughput and failures of the queues, in Prometheus' text "
          + "format. The queues' figures are up to \(MetricsCache.lifetimeSeconds) s old.",
        tag: "Operations", access: .token(token), response: .string("Metrics."), responseType: MetricsText.contentType,
        handle: metrics)
    ]
  }

  @Sendable private func metrics(_ call: Call) async throws -> Reply {
    if let seconds = bucket.take(Self.rate, at: clock()) {
      throw APIError(
        .tooManyRequests, "rate_limited", "metrics are read too often; try again in \(seconds) s", retryAfter: seconds
      ).counted(as: .rateLimited)
    }
    var text = MetricsText()
    text.add(requests.metrics)
    var isUp = Metric("geminivideo_database_up", .gauge, "Whether the figures of the database could be read.")
    do {
      let metrics = try await cache.current()
      isUp.add([], 1)
      text.add([isUp] + metrics)
    } catch {
      // What is known without the database is told all the same: it is needed most when the database fails.
      isUp.add([], 0)
      text.add([isUp])
    }
    return Reply(text: text.text, contentType: MetricsText.contentType)
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
