import Synchronization

/// Combines writes that arrive at the same time into shared transactions, so that they share the wait for the disk.
///
/// While one transaction commits, arriving writes collect for the next one. No write waits for others to join it: a
/// write that arrives alone is committed alone, at once.
public final class GroupCommit<Item: Sendable, Outcome: Sendable>: Sendable {
  /// Does the work of several items in one transaction and returns an outcome for each, in order.
  public typealias Work = @Sendable ([Item], any Transaction) throws -> [Outcome]

  private struct Waiting {
    let item: Item
    let continuation: CheckedContinuation<Outcome, any Error>
  }

  private struct State {
    var waiting: [Waiting] = []
    var isCommitting = false
  }

  private let database: any Database
  private let batchLimit: Int
  private let waitingLimit: Int
  private let work: Work
  private let state = Mutex(State())

  /// Commits what `work` does on `database`, with at most `batchLimit` items in a transaction and at most
  /// `waitingLimit` items waiting.
  public init(database: any Database, batchLimit: Int, waitingLimit: Int, work: @escaping Work) {
    self.database = database
    self.batchLimit = max(batchLimit, 1)
    self.waitingLimit = waitingLimit
    self.work = work
  }

  /// Processes `item`. When this returns, its effect is on disk.
  ///
  /// When a batch fails, each of its items is tried again alone, so an error always concerns the item itself. Throws a
  /// ``GroupCommitOverload`` where too many are waiting. If the caller is cancelled, its item is still processed.
  public func submit(_ item: Item) async throws -> Outcome {
    try await withCheckedThrowingContinuation { continuation in
      let isFirst: Bool? = state.withLock { state in
        guard state.waiting.count < waitingLimit else { return nil }
        state.waiting.append(Waiting(item: item, continuation: continuation))
        defer { state.isCommitting = true }
        return !state.isCommitting
      }
      switch isFirst {
      case nil: continuation.resume(throwing: GroupCommitOverload(waiting: waitingLimit))
      case false?: break
      // A separate task: in the caller's own task, cancelling one caller would cancel everybody's transaction.
      case true?: Task { await AccountScope.$current.withValue(.all) { await commitAll() } }
      }
    }
  }

  private func commitAll() async {
    while let batch = nextBatch() { await commit(batch) }
  }

  private func nextBatch() -> [Waiting]? {
    state.withLock { state in
      guard !state.waiting.isEmpty else {
        state.isCommitting = false
        return nil
      }
      let batch = Array(state.waiting.prefix(batchLimit))
      state.waiting.removeFirst(batch.count)
      return batch
    }
  }

  private static func isOfDatabase(_ error: any Error) -> Bool {
    switch error as? DatabaseError {
    case .busy, .unavailable, .unwritable: true
    default: false
    }
  }

  private func commit(_ batch: [Waiting]) async {
    do {
      let items = batch.map(\.item)
      let outcomes = try await database.write { [work] in try work(items, $0) }
      for (waiting, outcome) in zip(batch, outcomes) { waiting.continuation.resume(returning: outcome) }
    } catch {
      // When the database does not answer, all of them fail: trying each alone would make each of them wait for a
      // timeout.
      guard batch.count > 1, !Self.isOfDatabase(error) else {
        for waiting in batch { waiting.continuation.resume(throwing: error) }
        return
      }
      for waiting in batch { await commit([waiting]) }
    }
  }
}

/// Too many writes are waiting: this one was refused, and nothing of it was done.
public struct GroupCommitOverload: Error, Hashable, Sendable, CustomStringConvertible {
  /// How many wait.
  public let waiting: Int

  /// Says how many wait.
  public init(waiting: Int) {
    self.waiting = waiting
  }

  /// What happened and what to do.
  public var description: String { "\(waiting) writes are waiting already; try again later" }
}
