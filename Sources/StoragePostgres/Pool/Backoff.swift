/// Pauses that grow with each failure, by chance shorter or longer, so that those who failed together do not meet
/// again.
struct Backoff: Sendable {
  /// Microseconds of the longest first pause.
  let first: Int64
  /// Microseconds of the longest pause of all.
  let longest: Int64

  /// Microseconds to wait after `failures` failures in a row (1 or more): anything up to twice as much each time.
  ///
  /// Source: "full jitter" in M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog (2015).
  func pause(after failures: Int, using generator: inout some RandomNumberGenerator) -> Int64 {
    let doublings = min(max(failures, 1) - 1, 30)
    return Int64.random(in: 1...max(1, min(longest, first << doublings)), using: &generator)
  }
}
