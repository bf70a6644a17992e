import Foundation
import Storage
import Values

/// A place where jobs wait for workers, and where their fate is kept.
///
/// Every driver moves jobs only as ``JobState/canMove(to:)`` has it, and gives a job to one worker at a time.
public protocol JobQueue: Sendable {
  /// Adds jobs, in their order, and wakes the workers of their queues.
  ///
  /// A job whose unique key belongs to one that waits is not added; the answer names the one that waits.
  /// Throws ``JobQueueError``; then none was added.
  func push(_ drafts: [JobDraft], _ options: PushOptions) async throws -> [Pushed]

  /// Hands over jobs that are ready, by priority, turn and id, and holds them for the worker.
  ///
  /// Before that, jobs whose time has come are made available, and those whose worker stopped answering are taken
  /// from it.
  func claim(_ request: ClaimRequest) async throws -> [ClaimedJob]

  /// Holds jobs for `duration` from now; the answers are in the order of `leases`.
  func heartbeat(_ leases: [Lease], for duration: Duration) async throws -> [LeaseStatus]

  /// Parts with jobs. An answer is false where the job was no longer held, and then nothing was changed.
  func settle(_ settlements: [Settlement]) async throws -> [Bool]

  /// Parts with jobs and claims others, with one commit.
  func settle(
    _ settlements: [Settlement], thenClaim request: ClaimRequest
  ) async throws -> (answers: [Bool], claimed: [ClaimedJob])

  /// Completes a job within the caller's transaction: what it did and its completion are kept together or not at all.
  ///
  /// Throws ``LeaseLost`` where the job is no longer held.
  func finish(_ lease: Lease, report: JobReport?, in transaction: any Transaction) throws

  /// Jobs that pass the filter, newest first.
  func list(_ filter: JobFilter) async throws -> [JobRecord]

  /// A job of the account, or of no account; nil where there is none of this id.
  func job(_ id: JobID, of accountID: AccountID?) async throws -> JobRecord?

  /// Makes a job that is dead, cancelled or scheduled available now; one that had ended gets all its attempts again.
  ///
  /// Throws ``JobQueueError/notAllowed(_:state:)``, ``JobQueueError/twinWaits(_:)`` or ``JobQueueError/unknownJob(_:)``.
  func retry(_ id: JobID, of accountID: AccountID?) async throws

  /// Calls off a job that waits, or asks the worker of one that runs to stop; the answer is its state after that.
  ///
  /// Throws ``JobQueueError/notAllowed(_:state:)`` where it has ended, or ``JobQueueError/unknownJob(_:)``.
  @discardableResult
  func cancel(_ id: JobID, of accountID: AccountID?) async throws -> JobState

  /// Lets the account's jobs of a queue, or of ``QueueName/every`` queue, wait until `end`. A pause that lasts longer already stays.
  func pause(_ accountID: AccountID, in queue: QueueName, until end: Instant, reason: String) async throws

  /// Ends a pause before its time: the jobs that wait for its end may run now. A pause of every queue and those of
  /// single queues are apart from each other.
  ///
  /// Returns whether there was a pause.
  @discardableResult
  func resume(_ accountID: AccountID, in queue: QueueName) async throws -> Bool

  /// How many jobs there are, by queue and state, in order.
  func counts() async throws -> [JobCount]

  /// For each queue with available jobs, the moment since which the oldest of them could have run.
  func oldestWaiting() async throws -> [QueueName: Instant]

  /// How attempts have ended since the first, in order.
  func counters() async throws -> [JobCounter]

  /// Removes jobs that ended longer ago than `retention`, at most `limit` at once. Returns how many went.
  func prune(_ retention: JobRetention, limit: Int) async throws -> Int

  /// Tells this process's workers of a queue that there may be something to do.
  func wake(_ queue: QueueName)

  /// A signal that ``wake(_:)`` raises for any of the queues.
  func signal(for queues: Set<QueueName>) -> WakeSignal
}

extension JobQueue {
  /// Adds jobs, in their order; see ``JobQueue/push(_:_:)``. Throws ``JobQueueError``.
  @discardableResult
  public func push<J: Job>(_ jobs: [J], _ options: PushOptions = PushOptions()) async throws -> [Pushed] {
    try await push(try JobDraft.drafts(of: jobs), options)
  }
}

extension JobDraft {
  /// Writes jobs as a driver stores them. Throws ``JobQueueError`` where one breaks a limit.
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
