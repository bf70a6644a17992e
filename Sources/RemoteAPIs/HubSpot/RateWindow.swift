import Synchronization
import Values

/// Remembers until when HubSpot wants no more calls. All copies of a client share one.
final class RateWindow: Sendable {
  private struct Closing {
    var end: Instant
    var limit: HubSpotError.Limit
  }

  private let closing = Mutex<Closing?>(nil)

  /// Lets no call pass before `end`; the later of two ends counts.
  func close(until end: Instant, limit: HubSpotError.Limit) {
    closing.withLock { closing in
      if let current = closing, current.end >= end { return }
      closing = Closing(end: end, limit: limit)
    }
  }

  /// How long the window stays closed, and by which limit; nil where it is open.
  func rest(at now: Instant) -> (time: Duration, limit: HubSpotError.Limit)? {
    closing.withLock { closing in
      guard let current = closing, current.end > now else { return nil }
      return (.microseconds(current.end.microseconds - now.microseconds), current.limit)
    }
  }
}
