import Synchronization
import Values

/// How many requests an account may send: so many a minute, and so many at once after a pause.
package struct RequestRate: Hashable, Sendable {
  /// What an account may send unless told otherwise.
  package static let standard = RequestRate(perMinute: 6_000, burst: 1_000)
  /// What each of the two numbers may be.
  package static let range = 1...100_000_000

  /// Requests a minute in the long run, within ``range``.
  package let perMinute: Int
  /// Requests at once, within ``range``.
  package let burst: Int

  /// Takes the two numbers; one out of range is moved to the nearer end.
  package init(perMinute: Int, burst: Int) {
    self.perMinute = min(max(perMinute, Self.range.lowerBound), Self.range.upperBound)
    self.burst = min(max(burst, Self.range.lowerBound), Self.range.upperBound)
  }

  var perSecond: Double { Double(perMinute) / 60 }
}

/// Tokens that come in steadily up to a limit, of which each request takes one.
package struct TokenBucket: Hashable {
  private var tokens: Double
  private var filledAt: Instant

  /// A bucket that is full.
  package init(_ rate: RequestRate, at now: Instant) {
    tokens = Double(rate.burst)
    filledAt = now
  }

  /// Takes a token. Returns nil where there was one, else the whole seconds until there is.
  package mutating func take(_ rate: RequestRate, at now: Instant) -> Int? {
    fill(rate, at: now)
    guard tokens < 1 else {
      tokens -= 1
      return nil
    }
    return max(1, Int(clamping: ((1 - tokens) / rate.perSecond).rounded(.up)))
  }

  /// Whether it holds no less than a new one would.
  func isFull(_ rate: RequestRate, at now: Instant) -> Bool {
    var filled = self
    filled.fill(rate, at: now)
    return filled.tokens >= Double(rate.burst)
  }

  /// A clock that is set back adds nothing.
  private mutating func fill(_ rate: RequestRate, at now: Instant) {
    let seconds = max(0, Double(now.microseconds - filledAt.microseconds) / 1_000_000)
    tokens = min(Double(rate.burst), tokens + seconds * rate.perSecond)
    filledAt = max(filledAt, now)
  }
}

/// The buckets of all accounts that sent requests to this process lately.
final class RequestBuckets: Sendable {
  private static let capacity = 10_000

  private let buckets = Mutex<[AccountID: (bucket: TokenBucket, rate: RequestRate)]>([:])

  /// Counts a request. Returns nil where it may be answered, else the whole seconds to wait.
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
