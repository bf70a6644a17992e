import Synchronization

/// Counts the answers of one operation. The code that answers holds a reference to it, so that nothing is looked up for
/// a request. A request waits only for others of the same operation, for a few additions.
final class RequestSeries: Sendable {
  /// The upper bounds of the histogram's buckets, in seconds.
  static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

  struct Counts {
    /// Answers by the first digit of their status, 1 to 5.
    var classes = [Int](repeating: 0, count: 6)
    /// Answers by bucket; the last holds those above all bounds.
    var buckets = [Int](repeating: 0, count: RequestSeries.bounds.count + 1)
    /// Total seconds.
    var seconds = 0.0
  }

  private let state = Mutex(Counts())

  /// The counts so far.
  var counts: Counts { state.withLock { $0 } }

  /// Counts an answer.
  func count(status: Int, seconds: Double) {
    let bucket = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
    state.withLock { counts in
      counts.classes[min(max(status / 100, 0), 5)] += 1
      counts.buckets[bucket] += 1
      counts.seconds += seconds
    }
  }
}
