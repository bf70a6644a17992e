/// How many times a job is tried, and how long it waits between two attempts.
///
/// The wait is uniformly random between zero and a ceiling that doubles with every attempt ("full jitter"), so that
/// jobs that failed together do not retry together.
///
/// Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
public struct RetryPolicy: Sendable, Hashable {
  /// Ten attempts; ceilings from one second up to fifteen minutes.
  public static let standard = RetryPolicy()

  /// How many attempts a job has, at least 1.
  public let maximumAttempts: Int

  /// The ceiling of the first wait.
  public let base: Duration

  /// The upper bound of all ceilings.
  public let cap: Duration

  /// The ceiling of the first wait after a failure of a class, where it differs from ``base``.
  public let baseByClass: [String: Duration]

  /// Negative times count as zero.
  public init(
    maximumAttempts: Int = 10, base: Duration = .seconds(1), cap: Duration = .seconds(900),
    baseByClass: [String: Duration] = [:]
  ) {
    self.maximumAttempts = max(1, maximumAttempts)
    self.base = max(.zero, base)
    self.cap = max(.zero, cap)
    self.baseByClass = baseByClass.mapValues { max(.zero, $0) }
  }

  /// The longest wait after failed attempt number `attempt`, counted from 1.
  public func ceiling(afterAttempt attempt: Int, failureClass: String) -> Duration {
    var ceiling = baseByClass[failureClass] ?? base
    for _ in 1..<max(1, attempt) {
      if ceiling >= cap || ceiling == .zero { break }
      ceiling *= 2
    }
    return min(ceiling, cap)
  }

  /// A wait after failed attempt number `attempt`, drawn from `generator`.
  public func delay(
    afterAttempt attempt: Int, failureClass: String, using generator: inout some RandomNumberGenerator
  ) -> Duration {
    let longest = ceiling(afterAttempt: attempt, failureClass: failureClass).microseconds
    return .microseconds(Int64.random(in: 0...longest, using: &generator))
  }
}
