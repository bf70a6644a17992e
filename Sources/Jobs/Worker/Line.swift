import Synchronization

/// A queue as a worker serves it: its places, and what has ended there and waits to be recorded.
///
/// Whoever ends while a commit is under way is recorded by the next one, together with the claim of what takes
/// the places: a busy worker makes one commit for many jobs, and nobody waits for a clock.
final class Line: Sendable {
  let name: QueueName
  /// How many jobs run at once.
  let places: Int
  /// Rung when something has ended or may be ready.
  let signal: WakeSignal

  private let ended = Mutex<[Settlement]>([])

  init(_ name: QueueName, places: Int, signal: WakeSignal) {
    self.name = name
    self.places = places
    self.signal = signal
  }

  /// Adds what is to be recorded.
  func end(_ settlements: [Settlement]) {
    ended.withLock { $0 += settlements }
  }

  /// Takes as much of what is to be recorded as one commit may hold.
  func takeEnded() -> [Settlement] {
    ended.withLock { ended in
      let batch = Array(ended.prefix(JobLimits.batch))
      ended.removeFirst(batch.count)
      return batch
    }
  }
}
