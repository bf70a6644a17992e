import Synchronization

/// A queue as a worker serves it: its capacity, and the results that have not been recorded yet.
///
/// A result that arrives during a commit is recorded by the next one, together with the claim of the jobs that take the
/// free places: a busy worker makes one commit for many jobs, and no result waits for a timer.
final class ServedQueue: Sendable {
  let name: QueueName
  /// How many jobs run at once.
  let places: Int
  /// Raised when a result has arrived or jobs may be ready.
  let signal: WakeSignal

  private let ended = Mutex<[Settlement]>([])

  init(_ name: QueueName, places: Int, signal: WakeSignal) {
    self.name = name
    self.places = places
    self.signal = signal
  }

  /// Adds results to be recorded.
  func end(_ settlements: [Settlement]) {
    ended.withLock { $0 += settlements }
  }

  /// Removes and returns as many results as one commit may hold.
  func takeEnded() -> [Settlement] {
    ended.withLock { ended in
      let batch = Array(ended.prefix(JobLimits.batch))
      ended.removeFirst(batch.count)
      return batch
    }
  }
}
