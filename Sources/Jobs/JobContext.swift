import Logging
import Storage
import Synchronization
import Values

/// What a handler knows of the job it works on.
public struct JobContext: Sendable {
  /// The job.
  public let id: JobID
  /// Whose job it is; nil for no account's.
  public let accountID: AccountID?
  /// The line it came from.
  public let queue: QueueName
  /// The number of this attempt, counted from 1.
  public let attempt: Int
  /// How many attempts the job has.
  public let maximumAttempts: Int
  /// When it was pushed.
  public let createdAt: Instant
  /// Logs with the job's id, kind, account and attempt: `job`, `name`, `account` and `attempt`.
  public let logger: Logger

  private let lease: Lease
  private let keeper: any JobQueue
  private let finishing = Finishing()

  init(_ job: ClaimedJob, keeper: any JobQueue, logger: Logger) {
    id = job.lease.id
    accountID = job.lease.accountID
    queue = job.lease.queue
    attempt = job.attempt
    maximumAttempts = job.maximumAttempts
    createdAt = job.createdAt
    lease = job.lease
    self.keeper = keeper
    var logger = logger
    logger[metadataKey: "job"] = "\(job.lease.id)"
    logger[metadataKey: "name"] = "\(job.lease.name)"
    logger[metadataKey: "account"] = job.lease.accountID.map { "\($0)" }
    logger[metadataKey: "attempt"] = "\(job.attempt)"
    self.logger = logger
  }

  /// Whether the job is dead if this attempt fails.
  public var isLastAttempt: Bool { attempt >= maximumAttempts }

  /// Whether the handler has finished the job itself.
  var isFinished: Bool { finishing.isDone.withLock { $0 } }

  /// Completes the job within the handler's own transaction, so that its effect and its completion are kept together:
  /// however often the job is tried, the effect is there once. After that the worker does nothing more.
  ///
  /// Throws ``LeaseLost`` where the job went to somebody else; let it pass, so that the transaction rolls back.
  public func finish(report: JobReport? = nil, in transaction: any Transaction) throws {
    try keeper.finish(lease, report: report, in: transaction)
    finishing.isDone.withLock { $0 = true }
  }
}

/// Whether a handler has finished its job itself, shared by all copies of its context.
private final class Finishing: Sendable {
  let isDone = Mutex(false)
}
