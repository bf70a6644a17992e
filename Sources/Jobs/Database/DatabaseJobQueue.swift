import Storage
import Values

/// Jobs in the database that holds what they work on: a push joins the transaction that causes it.
public struct DatabaseJobQueue: JobQueue {
  /// The channel on which a database that can tell processes of something names the queues that have something to do.
  public static let channel = "jobs"

  let database: any Database
  let clock: @Sendable () -> Instant
  let ids: JobIDMaker
  let pushes: GroupCommit<PushRequest, [Pushed]>
  private let signals = WakeSignals()
  /// The names of the kinds of job that are taken; nil for any.
  private let kinds: Set<String>?

  /// Takes a database that has the tables of ``JobMigrations``, the clock, and what ids are drawn from.
  ///
  /// Jobs of other kinds than `kinds` are refused with ``JobQueueError/unknownKind(_:)``, because no worker would ever
  /// take them; nil takes any.
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

  /// Throws ``JobQueueError/unknownKind(_:)`` for a kind of job that this queue does not take.
  func check(kind name: String) throws(JobQueueError) {
    guard kinds?.contains(name) ?? true else { throw .unknownKind(name) }
  }

  /// Tells this process's workers that `queue` has something to do. Needed after a push within a transaction, once
  /// that has been written; without it they find the jobs when they look the next time.
  public func wake(_ queue: QueueName) {
    signals.wake(queue)
  }

  /// A signal that ``wake(_:)`` raises for any of the queues.
  public func signal(for queues: Set<QueueName>) -> WakeSignal {
    signals.signal(for: queues)
  }
}

/// A push that is to have a transaction, alone or with others that come at the same time.
struct PushRequest: Sendable {
  let drafts: [JobDraft]
  let options: PushOptions
}
