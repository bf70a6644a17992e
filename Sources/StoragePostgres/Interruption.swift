import Dispatch
import Synchronization

/// Passes the cancellation of a task on to the statement that runs for it on a connection's thread.
final class Interruption: Sendable {
  private enum Phase {
    /// It waits for a connection.
    case waiting
    /// Its statements run on the connection of this key.
    case running(CancelKey)
    /// The server is being asked to cancel; the semaphore is signalled once that is done.
    case interrupting(DispatchSemaphore)
    /// The transaction is being committed, or has ended: too late to interrupt it.
    case over
  }

  private struct State {
    var phase = Phase.waiting
    var isCancelled = false
  }

  private let state = Mutex(State())

  /// Whether the task was cancelled while there was still something to interrupt.
  var isCancelled: Bool { state.withLock { $0.isCancelled } }

  /// Throws `CancellationError` where the task was cancelled.
  func check() throws {
    if isCancelled { throw CancellationError() }
  }

  /// From now on, cancelling the task interrupts the statement on the connection of `key`.
  func begin(_ key: CancelKey) {
    state.withLock { $0.phase = .running(key) }
  }

  /// Records that the task was cancelled, and returns a closure that interrupts its statement, to be called on a thread
  /// that may block. Nil where nothing is running.
  func cancel() -> (@Sendable () -> Void)? {
    state.withLock { state in
      if case .over = state.phase { return nil }
      state.isCancelled = true
      guard case .running(let key) = state.phase else { return nil }
      let done = DispatchSemaphore(value: 0)
      state.phase = .interrupting(done)
      return {
        key.cancel()
        done.signal()
      }
    }
  }

  /// Called on the connection's thread: after this the transaction cannot be interrupted. Waits for an interruption in
  /// progress, so that it does not hit the connection's next statement.
  func end() {
    let phase = state.withLock { state in
      defer { state.phase = .over }
      return state.phase
    }
    if case .interrupting(let done) = phase { done.wait() }
  }
}
