import Foundation
import Storage
import Values

/// Where jobs wait for workers, and where their outcome is stored.
///
/// Every driver moves jobs only as ``JobState/canMove(to:)`` allows, and leases a job to one worker at a time.
public protocol JobQueue: Sendable {
  /// Adds jobs in order, and wakes the workers of their queues.
  ///
  /// A job is not added while a job with its unique key is waiting; the result then names the waiting job.
  /// Throws ``JobQueueError``; then none was added.
  func push(_ drafts: [JobDraft], _ options: PushOptions) async throws -> [Pushed]

  /// Claims jobs that are ready, in order of priority, turn and id.
  ///
  /// Before that, scheduled jobs that have become due are made available, and jobs whose worker stopped answering are
  /// taken back from it.
  func claim(_ request: ClaimRequest) async throws -> [ClaimedJob]

  /// Extends leases to `duration` from now; the results are in the order of `leases`.
  func heartbeat(_ leases: [Lease], for duration: Duration) async throws -> [LeaseStatus]

  /// Ends leases. A result is false where the lease had ended already; nothing was changed then.
  func settle(_ settlements: [Settlement]) async throws -> [Bool]

  /// Ends leases and claims other jobs, in one commit.
  func settle(
    _ settlements: [Settlement], thenClaim request: ClaimRequest
  ) async throws -> (answers: [Bool], claimed: [ClaimedJob])

  /// Completes a job within the caller's transaction, so that its effects and its completion commit together.
  ///
  /// Throws ``LeaseLost`` where the lease has ended.
  func finish(_ lease: Lease, report: JobReport?, in transaction: any Transaction) throws

  /// Jobs that match the filter, newest first.
  func list(_ filter: JobFilter) async throws -> [JobRecord]

  /// A job of the account, or of no account for nil; nil where there is none with this id.
  func job(_ id: JobID, of accountID: AccountID?) async throws -> JobRecord?

  /// Makes a job that is dead, cancelled or scheduled available now; one that had ended gets all its attempts again.
  ///
  /// Throws ``JobQueueError/notAllowed(_:state:)``, ``JobQueueError/twinWaits(_:)`` or ``JobQueueError/unknownJob(_:)``.
  func retry(_ id: JobID, of accountID: AccountID?) async throws

  /// Cancels a waiting job, or asks the worker of a running one to stop it; returns the job's state after that.
  ///
  /// Throws ``JobQueueError/notAllowed(_:state:)`` where it has ended, or ``JobQueueError/unknownJob(_:)``.
  @discardableResult
  func cancel(_ id: JobID, of accountID: AccountID?) async throws -> JobState

  /// Pauses the account's jobs in a queue, or in ``QueueName/every`` queue, until `end`. A pause that already lasts
  /// longer stays.
  func pause(_ accountID: AccountID, in queue: QueueName, until end: Instant, reason: String) async throws

  /// Ends a pause early: the jobs that wait for its end may run now. A pause of every queue is independent of pauses of
  /// single queues.
  ///
  /// Returns whether there was a pause.
  @discardableResult
  func resume(_ accountID: AccountID, in queue: QueueName) async throws -> Bool

  /// How many jobs there are, by queue and state, sorted.
  func counts() async throws -> [JobCount]

  /// For each queue with available jobs, the earliest moment at which one of them could have run.
  func oldestWaiting() async throws -> [QueueName: Instant]

  /// How attempts have ended so far, sorted.
  func counters() async throws -> [JobCounter]

  /// Removes jobs that ended longer ago than `retention`, at most `limit` at once. Returns how many were removed.
  func prune(_ retention: JobRetention, limit: Int) async throws -> Int

  /// Tells this process's workers that a queue may have work.
  func wake(_ queue: QueueName)

  /// A signal that ``wake(_:)`` raises for any of the queues.
  func signal(for queues: Set<QueueName>) -> WakeSignal
}

extension JobQueue {
  /// Adds jobs in order; see ``JobQueue/push(_:_:)``. Throws ``JobQueueError``.
  @discardableResult
  public func push<J: Job>(_ jobs: [J], _ options: PushOptions = PushOptions()) async throws -> [Pushed] {
    try await push(try JobDraft.drafts(of: jobs), options)
  }
}

extension JobDraft {
  /// Converts jobs to the form that drivers store. Throws ``JobQueueError`` where one exceeds a limit.
  static func drafts<J: Job>(of jobs: [J]) throws -> [JobDraft] {
    guard jobs.count <= JobLimits.batch else { throw JobQueueError.batchTooLarge(jobs.count) }
    try check(J.name, upTo: JobLimits.nameBytes)
    try check(J.queue.rawValue, upTo: 64)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try jobs.map { job in
      let payload = String(decoding: try encoder.encode(job), as: UTF8.self)
      guard payload.utf8.count <= JobLimits.payloadBytes else {
        throw JobQueueError.payloadTooLarge(name: J.name, bytes: payload.utf8.count)
      }
      let uniqueKey = job.uniqueKey
      if let uniqueKey { try check(uniqueKey, upTo: JobLimits.uniqueKeyBytes) }
      return JobDraft(
        accountID: job.owner, queue: J.queue, name: J.name, payload: payload, uniqueKey: uniqueKey,
        maximumAttempts: J.retryPolicy.maximumAttempts)
    }
  }

  private static func check(_ name: String, upTo bytes: Int) throws {
    guard (1...bytes).contains(name.utf8.count) else { throw JobQueueError.invalidName(name) }
  }
}
