import Synchronization
import Values

/// How many requests an account may send: a sustained number per minute, and a burst after a pause.
package struct RequestRate: Hashable, Sendable {
  /// The default.
  package static let standard = RequestRate(perMinute: 6_000, burst: 1_000)
  /// The range of each number.
  package static let range = 1...100_000_000

  /// Sustained requests per minute, within ``range``.
  package let perMinute: Int
  /// Requests in a burst, within ``range``.
  package let burst: Int

  /// Clamps each number to its range.
  package init(perMinute: Int, burst: Int) {
    self.perMinute = min(max(perMinute, Self.range.lowerBound), Self.range.upperBound)
    self.burst = min(max(burst, Self.range.lowerBound), Self.range.upperBound)
  }

  var perSecond: Double { Double(perMinute) / 60 }
}

/// Tokens that are added steadily up to a limit; each request takes one.
package struct TokenBucket: Hashable {
  private var tokens: Double
  private var filledAt: Instant

  /// A bucket that is full.
  package init(_ rate: RequestRate, at now: Instant) {
    tokens = Double(rate.burst)
    filledAt = now
  }

  /// Takes a token. Returns nil where there was one, otherwise the whole seconds until there is one.
  package mutating func take(_ rate: RequestRate, at now: Instant) -> Int? {
    fill(rate, at: now)
    guard tokens < 1 else {
      tokens -= 1
      return nil
    }
    return max(1, Int(clamping: ((1 - tokens) / rate.perSecond).rounded(.up)))
  }

  /// Whether it holds no fewer than a new one would.
  func isFull(_ rate: RequestRate, at now: Instant) -> Bool {
    var filled = self
    filled.fill(rate, at: now)
    return filled.tokens >= Double(rate.burst)
  }

  /// A clock that goes back adds nothing.
  private mutating func fill(_ rate: RequestRate, at now: Instant) {
    let seconds = max(0, Double(now.microseconds - filledAt.microseconds) / 1_000_000)
    tokens = min(Double(rate.burst), tokens + seconds * rate.perSecond)
    filledAt = max(filledAt, now)
  }
}

/// The buckets of all accounts that recently sent requests to this process.
final class RequestBuckets: Sendable {
  private static let capacity = 10_000

  private let buckets = Mutex<[AccountID: (bucket: TokenBucket, rate: RequestRate)]>([:])

  /// Counts a request. Returns nil where it may be answered, otherwise the whole seconds to wait.
  func take(of account: AccountID, _ rate: RequestRate, at now: Instant) -> Int? {
    buckets.withLock { buckets in
      if buckets[account] == nil, buckets.count >= Self.capacity {
        buckets = buckets.filter { !$0.value.bucket.isFull($0.value.rate, at: now) }
      }
      var bucket = buckets[account]?.bucket ?? TokenBucket(rate, at: now)
      let wait = bucket.take(rate, at: now)
      buckets[account] = (bucket, rate)
      return wait
    }
  }
}
