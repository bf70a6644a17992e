import Synchronization
import Values

/// Remembers until when a vendor wants no more calls, and by which of its limits.
struct RateWindow<Limit: Equatable & Sendable>: Equatable, Sendable {
  /// A time during which no call may leave.
  struct Closing: Equatable, Sendable {
    let end: Instant
    let limit: Limit
  }

  private var closing: Closing?

  init() {}

  /// Lets no call pass before `end`; the later of two ends counts.
  mutating func close(until end: Instant, limit: Limit) {
    if let closing, closing.end >= end { return }
    closing = Closing(end: end, limit: limit)
  }

  /// What keeps calls from leaving at `now`; nil where nothing does.
  func closing(at now: Instant) -> Closing? {
    closing.flatMap { $0.end > now ? $0 : nil }
  }
}

/// A value that all copies of a client share.
final class Shared<Value: Sendable>: Sendable {
  private let value: Mutex<Value>

  init(_ value: Value) {
    self.value = Mutex(value)
  }

  func withLock<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
    value.withLock { body(&$0) }
  }
}
