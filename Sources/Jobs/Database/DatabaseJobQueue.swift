import Storage
import Values

/// Jobs in the database that holds the data they work on: a push joins the transaction that causes it.
public struct DatabaseJobQueue: JobQueue {
  /// The channel on which a database that sends notifications names the queues that have work.
  public static let channel = "jobs"

  let database: any Database
  let clock: @Sendable () -> Instant
  let ids: JobIDMaker
  let pushes: GroupCommit<PushRequest, [Pushed]>
  private let signals = WakeSignals()
  /// The kinds of job that can be pushed; nil for any.
  private let kinds: Set<String>?

  /// Takes a database that has the tables of ``JobMigrations``, the clock, and the generator of ids.
  ///
  /// Jobs of kinds outside `kinds` are refused with ``JobQueueError/unknownKind(_:)``, because no worker would ever run
  /// them; nil allows any.
  public init(
    database: any Database, clock: @escaping @Sendable () -> Instant, kinds: [any Job.Type]? = nil,
    generator: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
  ) {
    self.database = database
    self.clock = clock
    self.kinds = kinds.map { Set($0.map { $0.name }) }
    let ids = JobIDMaker(generator)
    self.ids = ids
    pushes = GroupCommit(database: database, batchLimit: 256, waitingLimit: 10_000) { requests, transaction in
      try requests.map { request in
        try Self.push(request.drafts, request.options, at: clock(), ids, in: transaction)
      }
    }
  }

  /// Throws ``JobQueueError/unknownKind(_:)`` for a kind of job that must not be pushed to this queue.
  func check(kind name: String) throws(JobQueueError) {
    guard kinds?.contains(name) ?? true else { throw .unknownKind(name) }
  }

  /// Tells this process's workers that `queue` has work. Needed after a push within a transaction has committed;
  /// without it they find the jobs at their next poll.
  public func wake(_ queue: QueueName) {
    signals.wake(queue)
  }

  /// A signal that ``wake(_:)`` raises for any of the queues.
  public func signal(for queues: Set<QueueName>) -> WakeSignal {
    signals.signal(for: queues)
  }
}

/// A push that needs a transaction, alone or together with concurrent pushes.
struct PushRequest: Sendable {
  let drafts: [JobDraft]
  let options: PushOptions
}
