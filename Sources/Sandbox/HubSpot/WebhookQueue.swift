import DecisionEngine
import Formats
import Values

/// Webhooks that wait to be sent, and what became of those that were.
struct WebhookQueue: Sendable {
  /// A webhook that is under way.
  struct Batch: Sendable {
    let events: [JSONValue]
    /// How often it was sent before.
    var attempts = 0
    var due: Instant
  }

  /// How often a webhook is sent again that was not taken.
  static let retries = 10

  private var waiting: [Batch] = []
  private var stream: RandomStream
  /// Requests that were answered with 2xx.
  private(set) var taken = 0
  /// Requests that were not.
  private(set) var failed = 0
  /// Webhooks that were given up after all attempts.
  private(set) var givenUp = 0
  /// Webhooks that were never sent, by a fault.
  private(set) var lost = 0

  init(seed: UInt64) {
    stream = RandomStream(seed: seed, name: "webhooks")
  }

  /// How many webhooks wait to be sent again.
  var waitingCount: Int { waiting.count }

  /// The next webhook to be sent; a share of them, `loss`, is lost instead.
  mutating func next(of portal: inout Portal, loss: Double, at now: Instant) -> Batch? {
    if let position = waiting.firstIndex(where: { $0.due <= now }) {
      return waiting.remove(at: position)
    }
    while true {
      let events = portal.takeEvents(PortalWebhook.largest)
      guard !events.isEmpty else { return nil }
      guard loss > 0, stream.nextUniform() < loss else { return Batch(events: events, due: now) }
      lost += 1
    }
  }

  /// Hears whether a webhook was taken. One that was not is sent again, later each time, within about a day.
  mutating func settle(_ batch: Batch, isTaken: Bool, at now: Instant) {
    guard !isTaken else {
      taken += 1
      return
    }
    failed += 1
    guard batch.attempts < Self.retries else {
      givenUp += 1
      return
    }
    let seconds = 30.0 * Double(1 << batch.attempts) * (0.5 + stream.nextUniform())
    waiting.append(
      Batch(
        events: Portal.anotherAttempt(batch.events), attempts: batch.attempts + 1,
        due: now.adding(seconds: Int64(clamping: seconds))))
  }
}
