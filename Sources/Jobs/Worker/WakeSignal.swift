import Synchronization
import Values

/// A signal that many tasks may raise and one waits for. Raising it several times before a wait counts once.
public final class WakeSignal: Sendable {
  private enum State {
    case quiet
    case rung
    case waiting(CheckedContinuation<Void, Never>)
  }

  private let state = Mutex(State.quiet)

  init() {}

  /// Raises the signal.
  func ring() {
    let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
      if case .waiting(let continuation) = state {
        state = .quiet
        return continuation
      }
      state = .rung
      return nil
    }
    waiter?.resume()
  }

  /// Whether the signal was raised since the last wait; resets it.
  func takeRing() -> Bool {
    state.withLock { state in
      guard case .rung = state else { return false }
      state = .quiet
      return true
    }
  }

  /// Returns once the signal was raised since the last wait, or when the task is cancelled. One task may wait at a
  /// time.
  public func wait() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state -> Bool in
          if case .rung = state {
            state = .quiet
            return true
          }
          // A cancellation before this point has raised the signal already, or is detected here.
          if Task.isCancelled { return true }
          state = .waiting(continuation)
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      ring()
    }
  }
}

/// The signals of a process's workers, by queue.
package final class WakeSignals: Sendable {
  private struct Listener {
    weak var signal: WakeSignal?
    let queues: Set<QueueName>
  }

  private let listeners = Mutex<[Listener]>([])

  package init() {}

  /// A signal that is raised for any of `queues`, for as long as the caller keeps it.
  package func signal(for queues: Set<QueueName>) -> WakeSignal {
    let signal = WakeSignal()
    listeners.withLock { listeners in
      listeners.removeAll { $0.signal == nil }
      listeners.append(Listener(signal: signal, queues: queues))
    }
    return signal
  }

  /// Raises the signals for `queue`.
  package func wake(_ queue: QueueName) {
    let signals = listeners.withLock { $0.filter { $0.queues.contains(queue) }.compactMap(\.signal) }
    for signal in signals { signal.ring() }
  }
}
