import Values

/// When calls to Google are made again: after a pause that doubles each time up to a longest one, with a random second on
/// top, as Google's guide to retries says.
package struct GoogleRetry: Sendable {
  /// How often, and for how long.
  package struct Rules: Hashable, Sendable {
    /// How often a call is sent at most.
    package var attempts = 6
    /// The first pause.
    package var first: Duration = .seconds(1)
    /// The longest pause; where Google asks for a longer one, the caller is told instead.
    package var longest: Duration = .seconds(60)
    /// How long after the first attempt began the last one may begin.
    package var total: Duration = .seconds(120)

    package init() {}
  }

  let rules: Rules
  let now: @Sendable () -> Instant
  private let sleep: @Sendable (Duration) async throws -> Void
  private let uniform: @Sendable () -> Double

  /// `sleep` waits, and throws where its task is cancelled; `uniform` draws from 0 to 1.
  package init(
    rules: Rules = Rules(), now: @escaping @Sendable () -> Instant,
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
    uniform: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
  ) {
    self.rules = rules
    self.now = now
    self.sleep = sleep
    self.uniform = uniform
  }

  /// The same clock with other rules.
  func with(_ rules: Rules) -> Self { Self(rules: rules, now: now, sleep: sleep, uniform: uniform) }

  /// Makes `attempt`, which is given its number from 1 on, until it succeeds or must not be repeated.
  func run<Value>(
    _ attempt: (Int) async throws(FailedAttempt<GoogleError>) -> Value
  ) async throws(GoogleError) -> Value {
    var series = Series(self)
    while true {
      do throws(FailedAttempt<GoogleError>) {
        return try await attempt(series.failures + 1)
      } catch {
        try await series.pause(after: error)
      }
    }
  }

  /// Failures in a row.
  struct Series {
    private let retry: GoogleRetry
    private var start: Instant
    private(set) var failures = 0

    init(_ retry: GoogleRetry) {
      self.retry = retry
      start = retry.now()
    }

    /// Begins anew, because something went well.
    mutating func restart() {
      failures = 0
      start = retry.now()
    }

    /// Waits until the next attempt may be made. Throws the attempt's error where there may be none.
    mutating func pause(after failure: FailedAttempt<GoogleError>) async throws(GoogleError) {
      failures += 1
      guard let least = failure.repeatAfter, failures < retry.rules.attempts else { throw failure.error }
      let time = max(least, backoff)
      let end = retry.now().adding(time).time(from: start)
      guard least <= retry.rules.longest, end <= retry.rules.total else { throw failure.error }
      do {
        try await retry.sleep(time)
      } catch {
        throw .cancelled
      }
    }

    private var backoff: Duration {
      let doubled = retry.rules.first * (1 << min(failures - 1, 20))
      return min(doubled + .milliseconds(Int64(clamping: retry.uniform() * 1_000)), retry.rules.longest)
    }
  }
}
