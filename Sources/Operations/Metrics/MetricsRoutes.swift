import Accounts
import RemoteAPIs
import Synchronization
import Values
import Web

/// The metrics that a monitoring system reads: totals over all accounts, never those of one account.
package struct MetricsRoutes: Sendable {
  /// How often they may be read in all: reading them is cheap, but not free.
  private static let rate = RequestRate(perMinute: 600, burst: 60)

  private let requests: RequestMetrics
  private let cache: MetricsCache
  private let token: Secret?
  private let clock: @Sendable () -> Instant
  private let bucket: Bucket

  /// Takes this process's requests and the sources of all other metrics; `token` is what a reader must send, nil where
  /// no token is required, and `clock` returns the current moment.
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
          + "format. The values of the queues are up to \(MetricsCache.lifetimeSeconds) s old.",
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
    var isUp = Metric("geminivideo_database_up", .gauge, "Whether the metrics of the database could be read.")
    do {
      let metrics = try await cache.current()
      isUp.add([], 1)
      text.add([isUp] + metrics)
    } catch {
      // Metrics that need no database are reported anyway: they matter most when the database fails.
      isUp.add([], 0)
      text.add([isUp])
    }
    return Reply(text: text.text, contentType: MetricsText.contentType)
  }
}

/// A token bucket that all requests share.
private final class Bucket: Sendable {
  private let bucket: Mutex<TokenBucket>

  init(_ bucket: TokenBucket) {
    self.bucket = Mutex(bucket)
  }

  func take(_ rate: RequestRate, at now: Instant) -> Int? {
    bucket.withLock { $0.take(rate, at: now) }
  }
}
