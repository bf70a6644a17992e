import Values

/// A job to be pushed: what ``Job`` declares, in the form that drivers store.
public struct JobDraft: Sendable, Hashable {
  /// The account it belongs to; nil for none.
  public let accountID: AccountID?
  /// The queue it is pushed to.
  public let queue: QueueName
  /// What kind of job it is.
  public let name: String
  /// The job as JSON.
  public let payload: String
  /// The key that makes it the twin of a waiting job with the same key.
  public let uniqueKey: String?
  /// The most attempts it may have.
  public let maximumAttempts: Int
}

/// Why an attempt failed.
public struct JobFailure: Sendable, Hashable {
  /// The kind of failure, in one word: used by counters and retry policies.
  public let failureClass: String
  /// Why the job is in its state.
  public let reason: String
  /// The error's text.
  public let text: String

  /// Truncates each to its limit.
  public init(class failureClass: String, reason: String, text: String) {
    self.failureClass = failureClass.cut(toBytes: JobLimits.failureClassBytes)
    self.reason = reason.cut(toBytes: JobLimits.failureBytes)
    self.text = text.cut(toBytes: JobLimits.failureBytes)
  }
}

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

/// Which jobs to list; nil means any.
public struct JobFilter: Sendable, Hashable {
  /// Only this account's.
  public let accountID: AccountID?
  /// Only those of no account.
  public let isOfNoAccount: Bool
  /// Only this queue's.
  public let queue: QueueName?
  /// Only of this kind.
  public let name: String?
  /// Only in this state.
  public let state: JobState?
  /// Only jobs created before this one: the last job of the previous page.
  public let before: JobID?
  /// The most jobs to return, 1 to ``JobLimits/page``.
  public let limit: Int

  /// Clamps the limit to its range.
  public init(
    accountID: AccountID? = nil, isOfNoAccount: Bool = false, queue: QueueName? = nil, name: String? = nil,
    state: JobState? = nil, before: JobID? = nil, limit: Int = 100
  ) {
    self.accountID = accountID
    self.isOfNoAccount = isOfNoAccount
    self.queue = queue
    self.name = name
    self.state = state
    self.before = before
    self.limit = min(max(limit, 1), JobLimits.page)
  }
}

/// How many jobs of a queue are in a state.
public struct JobCount: Sendable, Hashable {
  public let queue: QueueName
  public let state: JobState
  /// How many; at least 1.
  public let count: Int

  package init(queue: QueueName, state: JobState, count: Int) {
    self.queue = queue
    self.state = state
    self.count = count
  }
}

/// How many attempts of a kind of job have ended in one way so far.
public struct JobCounter: Sendable, Hashable {
  /// What is counted.
  public struct Key: Sendable, Hashable {
    public let queue: QueueName
    /// The kind of job.
    public let name: String
    /// How the attempt ended.
    public let outcome: JobOutcome
    /// The class of the failure; empty for an attempt that did not fail.
    public let failureClass: String

    package init(queue: QueueName, name: String, outcome: JobOutcome, failureClass: String) {
      self.queue = queue
      self.name = name
      self.outcome = outcome
      self.failureClass = failureClass
    }
  }

  /// What is counted.
  public let key: Key
  /// How often.
  public let count: Int

  package init(key: Key, count: Int) {
    self.key = key
    self.count = count
  }
}

/// How an attempt, or a waiting job, ended.
public enum JobOutcome: String, Sendable, CaseIterable {
  /// It succeeded.
  case completed
  /// It failed and will be tried again.
  case retried
  /// It failed for good.
  case dead
  /// It was cancelled.
  case cancelled
  /// A twin was waiting.
  case superseded
  /// It was returned because its account's jobs are paused.
  case paused
  /// A worker that is stopping returned it unfinished.
  case released
  /// Its worker stopped answering, and it waits for another.
  case expired
}

/// How long finished jobs are kept.
public struct JobRetention: Sendable, Hashable {
  /// A week for completed jobs, thirty days for the rest.
  public static let standard = JobRetention(completed: .seconds(7 * 86_400), others: .seconds(30 * 86_400))

  /// How long completed jobs are kept.
  public let completed: Duration
  /// How long cancelled and dead jobs are kept.
  public let others: Duration

  public init(completed: Duration, others: Duration) {
    self.completed = completed
    self.others = others
  }
}
