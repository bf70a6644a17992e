import Dispatch
import Synchronization
import Values

/// Lets one task at a time go on for each key, in the order in which they asked. Nobody waits for longer than the time
/// that is given, and no more wait than a bound.
package final class Turns: Sendable {
  private struct Waiter {
    let number: Int
    let continuation: CheckedContinuation<Void, any Error>
  }

  private struct State {
    /// By key, who waits while somebody has the turn.
    var waiting: [String: [Waiter]] = [:]
    var lastNumber = 0
  }

  private let state = Mutex(State())
  private let mostWaiting: Int
  private let longestWait: Duration
  private let now: @Sendable () -> Instant
  private let sleep: @Sendable (Duration) async throws -> Void

  /// At most `mostWaiting` tasks wait for the turn of a key, each for `longestWait`. `now` is a clock that is never set
  /// back, and `sleep` returns when so much time has passed on it.
  package init(
    mostWaiting: Int, longestWait: Duration, now: @escaping @Sendable () -> Instant = Turns.uptime,
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) {
    self.mostWaiting = mostWaiting
    self.longestWait = longestWait
    self.now = now
    self.sleep = sleep
  }

  /// The time since the machine was started, as a moment after 1970.
  package static var uptime: @Sendable () -> Instant {
    { Instant(microseconds: Int64(DispatchTime.now().uptimeNanoseconds / 1_000)) }
  }

  /// Runs `body` in the turn of `key`, and tells it how long it has waited for that, in microseconds.
  ///
  /// Throws ``DatabaseError/busy(_:)`` where the turn does not come in time or too many wait for it already, and
  /// `CancellationError` where the task is cancelled while it waits.
  package func withTurn<Result>(
    of key: String, _ body: (_ waited: Int64) async throws -> Result
  ) async throws -> Result {
    let start = now()
    try await enter(key)
    defer { leave(key) }
    return try await body(now().microseconds - start.microseconds)
  }

  /// How many tasks wait for the turn of `key`; nil where nobody has it.
  package func waiting(for key: String) -> Int? {
    state.withLock { $0.waiting[key]?.count }
  }

  private enum Answer {
    case go
    case wait
    case fail(any Error)
  }

  private func enter(_ key: String) async throws {
    let number = state.withLock { state in
      state.lastNumber += 1
      return state.lastNumber
    }
    let alarm = Mutex<Task<Void, Never>?>(nil)
    defer { alarm.withLock { $0?.cancel() } }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        switch answer(to: Waiter(number: number, continuation: continuation), for: key) {
        case .go: continuation.resume()
        case .fail(let error): continuation.resume(throwing: error)
        case .wait: alarm.withLock { $0 = self.alarm(for: number, of: key) }
        }
      }
    } onCancel: {
      giveUp(number, of: key, CancellationError())
    }
  }

  private func answer(to waiter: Waiter, for key: String) -> Answer {
    state.withLock { state in
      if Task.isCancelled { return .fail(CancellationError()) }
      guard let others = state.waiting[key] else {
        state.waiting[key] = []
        return .go
      }
      guard others.count < mostWaiting else {
        return .fail(DatabaseError.busy("\(mostWaiting) writes wait for the one before them already"))
      }
      state.waiting[key]?.append(waiter)
      return .wait
    }
  }

  private func alarm(for number: Int, of key: String) -> Task<Void, Never> {
    Task { [weak self, sleep, longestWait] in
      guard (try? await sleep(longestWait)) != nil, !Task.isCancelled else { return }
      self?.giveUp(number, of: key, DatabaseError.busy("the writes before this one went on for \(longestWait)"))
    }
  }

  /// Has a waiter leave with an error; without effect where it has the turn already.
  private func giveUp(_ number: Int, of key: String, _ error: any Error) {
    let waiter = state.withLock { state -> Waiter? in
      guard let index = state.waiting[key]?.firstIndex(where: { $0.number == number }) else { return nil }
      return state.waiting[key]?.remove(at: index)
    }
    waiter?.continuation.resume(throwing: error)
  }

  private func leave(_ key: String) {
    let next = state.withLock { state -> Waiter? in
      guard var waiting = state.waiting[key], !waiting.isEmpty else {
        state.waiting[key] = nil
        return nil
      }
      let next = waiting.removeFirst()
      state.waiting[key] = waiting
      return next
    }
    next?.continuation.resume()
  }
}
