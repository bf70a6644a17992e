import Values

/// A job as it is stored.
public struct JobRecord: Sendable, Hashable {
  public let id: JobID
  /// The account it belongs to; nil for none.
  public let accountID: AccountID?
  public let queue: QueueName
  /// What kind of job it is.
  public let name: String
  /// The job as JSON.
  public let payload: String
  /// The key that makes it the twin of a waiting job with the same key.
  public let uniqueKey: String?
  public package(set) var state: JobState
  /// 0 runs first, 9 last.
  public let priority: Int
  /// Its position among jobs of its queue and priority; 0 until it has become available.
  public package(set) var turn: Int64
  /// How many attempts have begun and count.
  public package(set) var attempt: Int
  /// The most attempts it may have.
  public let maximumAttempts: Int
  /// The moment from which it may run.
  public package(set) var runAt: Instant
  /// When it was pushed.
  public let createdAt: Instant
  /// When its last attempt began; nil before the first.
  public package(set) var startedAt: Instant?
  /// When it was completed or cancelled, or failed for good; nil before that.
  public package(set) var finishedAt: Instant?
  /// The worker that has leased it; nil where none has.
  public package(set) var leaseOwner: String?
  /// Counts how often it was claimed; a worker with an older number has lost its lease.
  public package(set) var leaseToken: Int64
  /// The moment at which the lease expires; nil where it is not leased.
  public package(set) var leaseUntil: Instant?
  /// Whether the worker is asked to stop it.
  public package(set) var isCancelRequested: Bool
  /// Why its last attempt failed.
  public package(set) var failure: JobFailure?
  /// What it reported when it was completed.
  public package(set) var report: String?
}

extension JobRecord {
  /// A job as it is first stored, pushed at `now`.
  package init(of draft: JobDraft, id: JobID, _ options: PushOptions, at now: Instant) {
    let runAt = max(options.runAt ?? now, now)
    self.init(
      id: id, accountID: draft.accountID, queue: draft.queue, name: draft.name, payload: draft.payload,
      uniqueKey: draft.uniqueKey, state: runAt > now ? .scheduled : .available, priority: options.priority, turn: 0,
      attempt: 0, maximumAttempts: draft.maximumAttempts, runAt: runAt, createdAt: now, leaseToken: 0,
      isCancelRequested: false)
  }
}
