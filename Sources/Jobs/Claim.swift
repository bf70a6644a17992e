import Values

/// What a worker asks a queue for.
public struct ClaimRequest: Sendable, Hashable {
  public let queue: QueueName
  /// The kinds of job that the worker can run; others stay where they are.
  public let names: Set<String>
  /// The most jobs to claim.
  public let limit: Int
  /// The worker's name.
  public let owner: String
  /// How long the jobs are leased without a heartbeat.
  public let lease: Duration
  /// The most jobs of one account that the worker holds at once.
  public let accountLimit: Int
  /// How many jobs of each account it holds already; those of no account under nil.
  public let held: [AccountID?: Int]

  /// Limits below 0 count as 0.
  public init(
    queue: QueueName, names: Set<String>, limit: Int, owner: String, lease: Duration = .seconds(60),
    accountLimit: Int = .max, held: [AccountID?: Int] = [:]
  ) {
    self.queue = queue
    self.names = names
    self.limit = min(max(limit, 0), JobLimits.batch)
    self.owner = owner
    self.lease = lease
    self.accountLimit = max(accountLimit, 0)
    self.held = held
  }

  /// Whether the request cannot return a job.
  package var isVoid: Bool { limit == 0 || accountLimit == 0 || names.isEmpty }
}

/// A worker's exclusive right to a job: valid until it expires, the job is finished, or another worker claims it.
public struct Lease: Sendable, Hashable {
  public let id: JobID
  /// Whose job it is; nil for no account's.
  public let accountID: AccountID?
  /// The queue it was claimed from.
  public let queue: QueueName
  /// What kind of job it is.
  public let name: String
  /// Which claim of the job this is, counted from 1.
  public let token: Int64
}

/// A job that a worker has claimed.
public struct ClaimedJob: Sendable, Hashable {
  public let lease: Lease
  /// The job as JSON.
  public let payload: String
  /// The number of this attempt, counted from 1.
  public let attempt: Int
  /// The most attempts the job may have.
  public let maximumAttempts: Int
  /// When it was pushed.
  public let createdAt: Instant
}

extension ClaimedJob {
  /// Reads a job that has just been claimed.
  package init(_ job: JobRecord) {
    self.init(
      lease: Lease(
        id: job.id, accountID: job.accountID, queue: job.queue, name: job.name, token: job.leaseToken),
      payload: job.payload, attempt: job.attempt, maximumAttempts: job.maximumAttempts, createdAt: job.createdAt)
  }
}

/// What a heartbeat reports about a lease.
public enum LeaseStatus: Sendable, Hashable {
  /// The lease was extended.
  case held
  /// The lease was extended, and the worker is asked to stop the job.
  case cancelRequested
  /// The lease has ended: the job is no longer this worker's.
  case lost
}

/// How a worker ends its lease on a job.
public struct Settlement: Sendable, Hashable {
  /// What happens to the job.
  public enum Ending: Sendable, Hashable {
    /// It succeeded.
    case completed(JobReport?)
    /// It is tried again at the given moment.
    case retry(at: Instant, JobFailure)
    /// It failed for good.
    case dead(JobFailure)
    /// Its account's jobs in this queue are paused until then; the attempt does not count.
    case pauseAccount(until: Instant, JobFailure)
    /// It is returned unfinished; the attempt does not count.
    case release
    /// It was stopped on request.
    case cancelled
  }

  public let lease: Lease
  /// What happens to the job.
  public let ending: Ending

  public init(_ lease: Lease, _ ending: Ending) {
    self.lease = lease
    self.ending = ending
  }
}
