import Synchronization

/// Lets one task at a time go on for each key, in the order in which they asked.
final class Turns: Sendable {
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

  /// Runs `body` in the turn of `key`. Throws `CancellationError` where the task is cancelled while it waits.
  func withTurn<Result>(of key: String, _ body: () async throws -> Result) async throws -> Result {
    try await enter(key)
    defer { leave(key) }
    return try await body()
  }

  /// How many tasks wait for the turn of `key`; nil where nobody has it.
  func waiting(for key: String) -> Int? {
    state.withLock { $0.waiting[key]?.count }
  }

  private func enter(_ key: String) async throws {
    let number = state.withLock { state in
      state.lastNumber += 1
      return state.lastNumber
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let answer = state.withLock { state -> Swift.Result<Void, any Error>? in
          if Task.isCancelled { return .failure(CancellationError()) }
          guard state.waiting[key] != nil else {
            state.waiting[key] = []
            return .success(())
          }
          state.waiting[key]?.append(Waiter(number: number, continuation: continuation))
          return nil
        }
        if let answer { continuation.resume(with: answer) }
      }
    } onCancel: {
      let waiter = state.withLock { state -> Waiter? in
        guard let index = state.waiting[key]?.firstIndex(where: { $0.number == number }) else { return nil }
        return state.waiting[key]?.remove(at: index)
      }
      waiter?.continuation.resume(throwing: CancellationError())
    }
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
