import Synchronization
import Values

/// A clock that stands still until a test moves it.
package final class ManualClock: Sendable {
  private let current: Mutex<Instant>

  /// Starts at `start`, by default on a whole second of an ordinary day.
  package init(at start: Instant = Instant(seconds: 1_780_000_000)) {
    current = Mutex(start)
  }

  /// The time it shows.
  package func now() -> Instant {
    current.withLock { $0 }
  }

  /// Moves the time on, or back where `seconds` is negative.
  package func advance(seconds: Int64) {
    current.withLock { $0 = $0.adding(seconds: seconds) }
  }

  /// Shows `instant` from now on.
  package func set(to instant: Instant) {
    current.withLock { $0 = instant }
  }
}
