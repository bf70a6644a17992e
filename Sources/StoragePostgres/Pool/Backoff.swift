/// Pauses that grow with each failure and are randomised, so that clients that failed together do not retry together.
struct Backoff: Sendable {
  /// The upper bound of the first pause, in microseconds.
  let first: Int64
  /// The upper bound of any pause, in microseconds.
  let longest: Int64

  /// Microseconds to wait after `failures` failures in a row (1 or more): a random number up to a bound that doubles
  /// each time.
  ///
  /// Source: "full jitter" in M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog (2015).
  func pause(after failures: Int, using generator: inout some RandomNumberGenerator) -> Int64 {
    let doublings = min(max(failures, 1) - 1, 30)
    return Int64.random(in: 1...max(1, min(longest, first << doublings)), using: &generator)
  }
}
