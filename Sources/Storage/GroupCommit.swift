import Synchronization

/// Gathers writes that come at the same time into shared transactions, so that they share the wait for the disk.
///
/// While one transaction commits, the writes that come meanwhile gather for the next one. Nothing waits for company:
/// a write that comes alone is committed alone, at once.
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

  /// Commits on `database` what `work` does, at most `batchLimit` items at once, while at most `waitingLimit` wait.
  public init(database: any Database, batchLimit: Int, waitingLimit: Int, work: @escaping Work) {
    self.database = database
    self.batchLimit = max(batchLimit, 1)
    self.waitingLimit = waitingLimit
    self.work = work
  }

  /// Has `item` done. When this returns, it is on disk.
  ///
  /// An item whose company fails is tried again alone, so an error is the item's own. Throws a
  /// ``GroupCommitOverload`` where too many wait already. A caller that is cancelled still has its item done.
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
      // A task of its own: were it the caller's, one caller's cancellation would end everybody's transaction.
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
      // A database that does not answer fails them all: trying each alone would make each wait its time out.
      guard batch.count > 1, !Self.isOfDatabase(error) else {
        for waiting in batch { waiting.continuation.resume(throwing: error) }
        return
      }
      for waiting in batch { await commit([waiting]) }
    }
  }
}

/// Too many writes wait: this one was not taken and nothing of it was done.
public struct GroupCommitOverload: Error, Hashable, Sendable, CustomStringConvertible {
  /// How many wait.
  public let waiting: Int

  /// Says how many wait.
  public init(waiting: Int) {
    self.waiting = waiting
  }

  /// What happened and what to do.
  public var description: String { "\(waiting) writes wait already; try again later" }
}
