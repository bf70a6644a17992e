import Values

/// A failed attempt of a call: the error for the caller, and whether to retry at once.
struct FailedAttempt<Failure: Error>: Error {
  let error: Failure
  /// The shortest wait before the client itself retries; nil where it must not.
  let repeatAfter: Duration?

  init(_ error: Failure, repeatAfter: Duration? = nil) {
    self.error = error
    self.repeatAfter = repeatAfter
  }
}

/// Retries calls that fail immediately, a few times, with a longer random pause each time ("full jitter").
struct CallRetry: Sendable {
  /// The most attempts of a call before its error is thrown.
  static let attempts = 3

  private let sleep: @Sendable (Duration) async throws -> Void
  private let uniform: @Sendable () -> Double

  /// `sleep` waits, and throws where its task is cancelled; `uniform` returns a random number from 0 to 1, which
  /// spreads retries.
  init(
    sleep: @escaping @Sendable (Duration) async throws -> Void, uniform: @escaping @Sendable () -> Double
  ) {
    self.sleep = sleep
    self.uniform = uniform
  }

  /// Runs `attempt` until it succeeds, must not be retried, or has failed ``attempts`` times. Throws `cancelled` where
  /// the task is cancelled between two attempts.
  func run<Value, Failure>(
    attempts: Int = Self.attempts, cancelled: Failure,
    _ attempt: () async throws(FailedAttempt<Failure>) -> Value
  ) async throws(Failure) -> Value {
    var count = 1
    while true {
      do throws(FailedAttempt<Failure>) {
        return try await attempt()
      } catch {
        guard let time = error.repeatAfter, count < attempts else { throw error.error }
        do throws(CancellationError) {
          try await pause(time + backoff(after: count))
        } catch {
          throw cancelled
        }
      }
      count += 1
    }
  }

  /// Waits. Throws where the task is cancelled.
  func pause(_ time: Duration) async throws(CancellationError) {
    do {
      try await sleep(time)
    } catch {
      throw CancellationError()
    }
  }

  /// A random pause up to 250 ms after the first attempt, up to twice that after each further one.
  private func backoff(after attempt: Int) -> Duration {
    .milliseconds(250 << (attempt - 1)) * uniform()
  }
}

extension Duration {
  /// Rounded down to whole microseconds.
  var microseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
  }
}

extension Instant {
  /// The moment `time` later.
  func adding(_ time: Duration) -> Instant {
    Instant(microseconds: microseconds + time.microseconds)
  }

  /// The time from `now` to this moment.
  func time(from now: Instant) -> Duration {
    .microseconds(microseconds - now.microseconds)
  }
}
