import Values

/// Work that any worker does later, once: a small value that says what to do. Each kind is either an ``AccountJob`` or
/// an ``InstallationJob``.
///
/// A job is stored as JSON of at most ``JobLimits/payloadBytes`` bytes, so it holds ids rather than documents. A
/// waiting job that an older release pushed is decoded by the current one: a new field must be optional.
public protocol Job: Codable, Sendable {
  /// The name of this kind of job, such as `process_hubspot_webhook`. It never changes once jobs are waiting.
  static var name: String { get }

  /// The queue for jobs of this kind.
  static var queue: QueueName { get }

  /// How many times and how soon a failed job is tried again.
  static var retryPolicy: RetryPolicy { get }

  /// How long one attempt may take. A handler that takes longer is cancelled, and the job is tried again. The limit is
  /// checked at each heartbeat, three times per lease.
  static var timeLimit: Duration { get }

  /// The account that the job belongs to; nil for none.
  var owner: AccountID? { get }

  /// Two waiting jobs of the same kind and owner with the same key are twins, of which only one is kept; nil where each
  /// job is distinct.
  ///
  /// Only waiting jobs count: a job pushed while its twin runs may be needed because of what happened since.
  var uniqueKey: String? { get }
}

/// A job of one account. Its handler sees only that account's rows, see `AccountScope`. The job is deleted with the
/// account, waits while the account is disabled, and counts towards the account's quota.
public protocol AccountJob: Job {
  /// Whose work it is.
  var accountID: AccountID { get }
}

extension AccountJob {
  /// The job's account.
  public var owner: AccountID? { accountID }
}

/// A job of no account: work for the whole installation, such as a model that all accounts share. Its handler sees the
/// rows of all accounts, and no account sees the job. In fair queueing all such jobs together are treated like those of
/// one account.
public protocol InstallationJob: Job {}

extension InstallationJob {
  /// None.
  public var owner: AccountID? { nil }
}

extension Job {
  /// ``RetryPolicy/standard``.
  public static var retryPolicy: RetryPolicy { .standard }

  /// A quarter of an hour.
  public static var timeLimit: Duration { .seconds(900) }

  /// Each job is another.
  public var uniqueKey: String? { nil }
}

/// The limits of a queue.
public enum JobLimits {
  /// The largest size of a job's JSON, in bytes.
  public static let payloadBytes = 65_536
  /// The longest name of a kind of job, in bytes.
  public static let nameBytes = 100
  /// The longest unique key, in bytes.
  public static let uniqueKeyBytes = 200
  /// The most jobs in one push, claim or settlement.
  public static let batch = 10_000
  /// The longest error text that is stored, in bytes.
  public static let failureBytes = 2_000
  /// The longest failure class, in bytes; longer ones are truncated.
  public static let failureClassBytes = 100
  /// The longest report that is stored, in bytes.
  public static let reportBytes = 4_000
  /// The most jobs on one page of a list.
  public static let page = 500
}

/// How urgently and when the jobs of a push are to run.
public struct PushOptions: Sendable, Hashable {
  /// 0 runs first, 9 last; other numbers are clamped.
  public let priority: Int

  /// The moment before which the jobs do not run; nil to run as soon as possible.
  public let runAt: Instant?

  /// Takes a priority of 0 to 9 and the moment to wait for.
  public init(priority: Int = 5, runAt: Instant? = nil) {
    self.priority = min(max(priority, 0), 9)
    self.runAt = runAt
  }
}

/// The result of pushing one job.
public struct Pushed: Sendable, Hashable {
  /// The id of the job that is waiting now.
  public let id: JobID

  /// Whether this push created it; false where a job with the same key was waiting already.
  public let isNew: Bool

  package init(id: JobID, isNew: Bool) {
    self.id = id
    self.isNew = isNew
  }
}

/// What a completed job reports, stored with it for operators: a sentence, or a few numbers.
public struct JobReport: Sendable, Hashable {
  /// The text, truncated to ``JobLimits/reportBytes``.
  public let text: String

  public init(_ text: String) {
    self.text = text.cut(toBytes: JobLimits.reportBytes)
  }
}
