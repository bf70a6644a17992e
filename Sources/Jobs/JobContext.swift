import Logging
import Storage
import Synchronization
import Values

/// What a handler is told about its job.
public struct JobContext: Sendable {
  public let id: JobID
  /// Whose job it is; nil for no account's.
  public let accountID: AccountID?
  /// The queue it was claimed from.
  public let queue: QueueName
  /// The number of this attempt, counted from 1.
  public let attempt: Int
  /// The most attempts the job may have.
  public let maximumAttempts: Int
  /// When it was pushed.
  public let createdAt: Instant
  /// Logs the job's id, kind, account and attempt with each message: `job`, `name`, `account` and `attempt`.
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

  /// Completes the job within the handler's own transaction, so that its effects and its completion commit together:
  /// however often the job is tried, they happen once. Afterwards the worker does nothing more.
  ///
  /// Throws ``LeaseLost`` where another worker has the job; do not catch it, so that the transaction rolls back.
  public func finish(report: JobReport? = nil, in transaction: any Transaction) throws {
    try keeper.finish(lease, report: report, in: transaction)
    finishing.isDone.withLock { $0 = true }
  }
}

/// Whether a handler has completed its job itself, shared by all copies of its context.
private final class Finishing: Sendable {
  let isDone = Mutex(false)
}
