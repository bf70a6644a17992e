import Synchronization
import Values

/// Remembers until when a vendor accepts no more calls, and which of its limits is the reason.
struct RateWindow<Limit: Equatable & Sendable>: Equatable, Sendable {
  /// A period in which no call may be sent.
  struct Closing: Equatable, Sendable {
    let end: Instant
    let limit: Limit
  }

  private var closing: Closing?

  init() {}

  /// Lets no call be sent before `end`; of two ends the later one applies.
  mutating func close(until end: Instant, limit: Limit) {
    if let closing, closing.end >= end { return }
    closing = Closing(end: end, limit: limit)
  }

  /// The closing that applies at `now`; nil where there is none.
  func closing(at now: Instant) -> Closing? {
    closing.flatMap { $0.end > now ? $0 : nil }
  }
}

/// A value shared by all copies of a client.
final class Shared<Value: Sendable>: Sendable {
  private let value: Mutex<Value>

  init(_ value: Value) {
    self.value = Mutex(value)
  }

  func withLock<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
    value.withLock { body(&$0) }
  }
}
