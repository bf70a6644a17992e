import Values

/// Settles many jobs with one commit: whoever finishes while a commit is under way joins the next one, so that
/// nobody waits for a clock and a busy worker pays for few commits.
actor SettlementBatch {
  private typealias Waiter = (settlement: Settlement, answer: CheckedContinuation<Bool, Never>)

  private static let attempts = 5

  private let queue: any JobQueue
  private let pause: @Sendable () async throws -> Void
  private let onFailure: @Sendable (any Error) -> Void
  private var waiters: [Waiter] = []
  private var isCommitting = false

  /// `pause` is the wait before a commit that failed is tried again.
  init(
    queue: any JobQueue, pause: @escaping @Sendable () async throws -> Void,
    onFailure: @escaping @Sendable (any Error) -> Void
  ) {
    self.queue = queue
    self.pause = pause
    self.onFailure = onFailure
  }

  /// Returns once the settlement is on disk; false where the job was no longer held, or the queue could not be
  /// reached: then the hold expires, and the job is tried again.
  func settle(_ settlement: Settlement) async -> Bool {
    await withCheckedContinuation { continuation in
      waiters.append((settlement, continuation))
      guard !isCommitting else { return }
      isCommitting = true
      // A task of its own: the caller's may be cancelled, and the commit must not be.
      Task { await commitAll() }
    }
  }

  private func commitAll() async {
    while !waiters.isEmpty {
      let batch = Array(waiters.prefix(JobLimits.batch))
      waiters.removeFirst(batch.count)
      let answers = await commit(batch.map(\.settlement))
      for (waiter, answer) in zip(batch, answers) { waiter.answer.resume(returning: answer) }
    }
    isCommitting = false
  }

  private func commit(_ settlements: [Settlement]) async -> [Bool] {
    for attempt in 1...Self.attempts {
      do {
        return try await queue.settle(settlements)
      } catch {
        onFailure(error)
        if attempt < Self.attempts { try? await pause() }
      }
    }
    return settlements.map { _ in false }
  }
}
