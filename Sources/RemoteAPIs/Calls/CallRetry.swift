import Values

/// One attempt of a call that failed: what to tell the caller, and whether to try again at once.
struct FailedAttempt<Failure: Error>: Error {
  let error: Failure
  /// How long to wait at least before the client itself tries again; nil where it must not.
  let repeatAfter: Duration?

  init(_ error: Failure, repeatAfter: Duration? = nil) {
    self.error = error
    self.repeatAfter = repeatAfter
  }
}

/// Repeats calls that fail at once, a few times, each time after a longer random pause ("full jitter").
struct CallRetry: Sendable {
  /// How often a call is sent at most before its failure is handed on.
  static let attempts = 3

  private let sleep: @Sendable (Duration) async throws -> Void
  private let uniform: @Sendable () -> Double

  /// `sleep` waits, and throws where its task is cancelled; `uniform` draws from 0 to 1 and spreads repeated calls.
  init(
    sleep: @escaping @Sendable (Duration) async throws -> Void, uniform: @escaping @Sendable () -> Double
  ) {
    self.sleep = sleep
    self.uniform = uniform
  }

  /// Makes `attempt` until it succeeds, must not be repeated, or has failed `attempts` times. Throws `cancelled` where the
  /// task is cancelled between two attempts.
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

  /// Anything up to 250 ms after the first attempt, twice that after each further one.
  private func backoff(after attempt: Int) -> Duration {
    .milliseconds(250 << (attempt - 1)) * uniform()
  }
}

extension Duration {
  /// The whole microseconds of it.
  var microseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
  }
}

extension Instant {
  /// The moment that is `time` later.
  func adding(_ time: Duration) -> Instant {
    Instant(microseconds: microseconds + time.microseconds)
  }

  /// How long it is from `now` to this moment.
  func time(from now: Instant) -> Duration {
    .microseconds(microseconds - now.microseconds)
  }
}
