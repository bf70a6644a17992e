import Values

/// What a worker asks a queue for.
public struct ClaimRequest: Sendable, Hashable {
  /// The queue.
  public let queue: QueueName
  /// The kinds of job that the worker knows; others stay where they are.
  public let names: Set<String>
  /// How many jobs at most.
  public let limit: Int
  /// The worker's name.
  public let owner: String
  /// How long the jobs are held without a heartbeat.
  public let lease: Duration
  /// How many jobs of one account the worker holds at most.
  public let accountLimit: Int
  /// How many of each account's it holds already; those of no account under nil.
  public let held: [AccountID?: Int]

  /// Takes what is asked for; limits below 0 count as 0.
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

  /// Whether no job can be the answer.
  package var isVoid: Bool { limit == 0 || accountLimit == 0 || names.isEmpty }
}

/// A worker's hold on a job: good until it expires, or the job is finished or claimed by somebody else.
public struct Lease: Sendable, Hashable {
  /// The job.
  public let id: JobID
  /// Whose job it is; nil for no account's.
  public let accountID: AccountID?
  /// The line it came from.
  public let queue: QueueName
  /// What kind of job it is.
  public let name: String
  /// The number of this claim among the job's.
  public let token: Int64
}

/// A job that a worker holds.
public struct ClaimedJob: Sendable, Hashable {
  /// The hold on it.
  public let lease: Lease
  /// The job as JSON.
  public let payload: String
  /// The number of this attempt, counted from 1.
  public let attempt: Int
  /// How many attempts the job has.
  public let maximumAttempts: Int
  /// When it was pushed.
  public let createdAt: Instant
}

extension ClaimedJob {
  /// Hands over a job as it stands once it was claimed.
  package init(_ job: JobRecord) {
    self.init(
      lease: Lease(
        id: job.id, accountID: job.accountID, queue: job.queue, name: job.name, token: job.leaseToken),
      payload: job.payload, attempt: job.attempt, maximumAttempts: job.maximumAttempts, createdAt: job.createdAt)
  }
}

/// What a heartbeat finds.
public enum LeaseStatus: Sendable, Hashable {
  /// The job is held on.
  case held
  /// The job is held on, and the worker is asked to stop it.
  case cancelRequested
  /// The job is no longer this worker's.
  case lost
}

/// How a worker parts with a job that it holds.
public struct Settlement: Sendable, Hashable {
  /// What becomes of the job.
  public enum Ending: Sendable, Hashable {
    /// It is done.
    case completed(JobReport?)
    /// It is tried again at the given moment.
    case retry(at: Instant, JobFailure)
    /// It failed for good.
    case dead(JobFailure)
    /// Its account's jobs of this queue wait until then; the attempt does not count.
    case pauseAccount(until: Instant, JobFailure)
    /// It goes back unfinished; the attempt does not count.
    case release
    /// It stopped because it was asked to.
    case cancelled
  }

  /// The hold that ends.
  public let lease: Lease
  /// What becomes of the job.
  public let ending: Ending

  /// Takes the hold and what becomes of the job.
  public init(_ lease: Lease, _ ending: Ending) {
    self.lease = lease
    self.ending = ending
  }
}
