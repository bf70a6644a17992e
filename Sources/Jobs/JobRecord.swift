import Values

/// A job on its way into a queue: what ``Job`` says, as a driver stores it.
public struct JobDraft: Sendable, Hashable {
  /// Whose work it is; nil for no account's.
  public let accountID: AccountID?
  /// The line it goes to.
  public let queue: QueueName
  /// What kind of job it is.
  public let name: String
  /// The job as JSON.
  public let payload: String
  /// What makes it the same as another that waits.
  public let uniqueKey: String?
  /// How many attempts it has.
  public let maximumAttempts: Int
}

/// Why an attempt failed.
public struct JobFailure: Sendable, Hashable {
  /// The kind of failure, in one word: what counters and retry policies go by.
  public let failureClass: String
  /// Why the job stands where it stands.
  public let reason: String
  /// The error's text.
  public let text: String

  /// Takes class, reason and text, and cuts each to its limit.
  public init(class failureClass: String, reason: String, text: String) {
    self.failureClass = failureClass.cut(toBytes: JobLimits.failureClassBytes)
    self.reason = reason.cut(toBytes: JobLimits.failureBytes)
    self.text = text.cut(toBytes: JobLimits.failureBytes)
  }
}

/// A job as it is kept.
public struct JobRecord: Sendable, Hashable {
  /// Its id.
  public let id: JobID
  /// Whose work it is; nil for no account's.
  public let accountID: AccountID?
  /// The line it stands in.
  public let queue: QueueName
  /// What kind of job it is.
  public let name: String
  /// The job as JSON.
  public let payload: String
  /// What makes it the same as another that waits.
  public let uniqueKey: String?
  /// Where it stands.
  public package(set) var state: JobState
  /// 0 runs first, 9 last.
  public let priority: Int
  /// Its place among those of its priority; 0 until it has become available.
  public package(set) var turn: Int64
  /// How many attempts have begun and count.
  public package(set) var attempt: Int
  /// How many attempts it has.
  public let maximumAttempts: Int
  /// The moment from which it may run.
  public package(set) var runAt: Instant
  /// When it was pushed.
  public let createdAt: Instant
  /// When its last attempt began.
  public package(set) var startedAt: Instant?
  /// When it was completed, cancelled or given up.
  public package(set) var finishedAt: Instant?
  /// The worker that holds it.
  public package(set) var leaseOwner: String?
  /// Counts how often it was claimed; who holds an older number holds it no longer.
  public package(set) var leaseToken: Int64
  /// The moment at which the worker's hold on it ends.
  public package(set) var leaseUntil: Instant?
  /// Whether the worker is asked to stop.
  public package(set) var isCancelRequested: Bool
  /// Why its last attempt failed.
  public package(set) var failure: JobFailure?
  /// What it had to say when it was done.
  public package(set) var report: String?
}

extension JobRecord {
  /// A job as it begins, pushed at `now`.
  package init(of draft: JobDraft, id: JobID, _ options: PushOptions, at now: Instant) {
    let runAt = max(options.runAt ?? now, now)
    self.init(
      id: id, accountID: draft.accountID, queue: draft.queue, name: draft.name, payload: draft.payload,
      uniqueKey: draft.uniqueKey, state: runAt > now ? .scheduled : .available, priority: options.priority, turn: 0,
      attempt: 0, maximumAttempts: draft.maximumAttempts, runAt: runAt, createdAt: now, leaseToken: 0,
      isCancelRequested: false)
  }
}

/// Which jobs to list.
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
  /// Only those made before this one: the last of the page before.
  public let before: JobID?
  /// How many at most, 1 to ``JobLimits/page``.
  public let limit: Int

  /// Takes what to narrow the list by; a limit out of range is moved to the nearer end.
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
  /// The queue.
  public let queue: QueueName
  /// The state.
  public let state: JobState
  /// How many; at least 1.
  public let count: Int

  package init(queue: QueueName, state: JobState, count: Int) {
    self.queue = queue
    self.state = state
    self.count = count
  }
}

/// How often attempts of a kind of job have ended in a way, since the first.
public struct JobCounter: Sendable, Hashable {
  /// What is counted.
  public struct Key: Sendable, Hashable {
    /// The queue.
    public let queue: QueueName
    /// The kind of job.
    public let name: String
    /// How the attempt ended.
    public let outcome: JobOutcome
    /// The class of the failure; empty where there was none.
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

/// How an attempt, or a job that waited, ended.
public enum JobOutcome: String, Sendable, CaseIterable {
  /// It was done.
  case completed
  /// It failed and is tried again.
  case retried
  /// It failed for good.
  case dead
  /// It was cancelled.
  case cancelled
  /// It was the same as one that waits.
  case superseded
  /// It went back because its account has to wait.
  case paused
  /// It was handed back unfinished by a worker that stops.
  case released
  /// Its worker stopped answering, and it waits for another.
  case expired
}

/// How long finished jobs are kept.
public struct JobRetention: Sendable, Hashable {
  /// A week for what was completed, thirty days for the rest.
  public static let standard = JobRetention(completed: .seconds(7 * 86_400), others: .seconds(30 * 86_400))

  /// How long completed jobs are kept.
  public let completed: Duration
  /// How long cancelled and dead jobs are kept.
  public let others: Duration

  /// Takes both times.
  public init(completed: Duration, others: Duration) {
    self.completed = completed
    self.others = others
  }
}
