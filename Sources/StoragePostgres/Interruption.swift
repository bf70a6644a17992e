import Dispatch
import Synchronization

/// Carries the cancellation of a task to the statement that runs for it on a connection's thread.
final class Interruption: Sendable {
  private enum Phase {
    /// It waits for a connection.
    case waiting
    /// Its statements run on the connection of this key.
    case running(CancelKey)
    /// The server is being told to cancel; the semaphore is signalled when it was.
    case interrupting(DispatchSemaphore)
    /// It is being committed, or is over: too late.
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

  /// From now on cancelling the task interrupts what runs on the connection of `key`.
  func begin(_ key: CancelKey) {
    state.withLock { $0.phase = .running(key) }
  }

  /// Notes that the task was cancelled, and returns what interrupts its statement: to be called on a thread that
  /// may wait. Nil where nothing runs.
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

  /// Ends what can be interrupted, on the connection's thread. Waits for an interruption that is under way, so that
  /// it does not hit what runs there next.
  func end() {
    let phase = state.withLock { state in
      defer { state.phase = .over }
      return state.phase
    }
    if case .interrupting(let done) = phase { done.wait() }
  }
}
