import Values

/// Work that is done later, once, by any worker: a small value that says what to do. Each kind is either an
/// ``AccountJob`` or an ``InstallationJob``.
///
/// It is kept as JSON of at most ``JobLimits/payloadBytes`` bytes, so it holds ids rather than documents. A job that
/// has waited since an older release is read by the present one: a field that is added must be optional.
public protocol Job: Codable, Sendable {
  /// What this kind of job is called, such as `process_hubspot_webhook`. It never changes once jobs wait.
  static var name: String { get }

  /// The queue that such jobs wait in.
  static var queue: QueueName { get }

  /// How often and how soon a job that failed is tried again.
  static var retryPolicy: RetryPolicy { get }

  /// How long one attempt may take. A handler that takes longer is cancelled, and the job is tried again; it is noticed
  /// with the next heartbeat, which comes three times a lease.
  static var timeLimit: Duration { get }

  /// The account that it belongs to; nil for none.
  var owner: AccountID? { get }

  /// What makes two jobs of this kind and owner the same while they wait; nil where each is another.
  ///
  /// Only waiting jobs count: one that is pushed while its twin runs may be needed for what happened since.
  var uniqueKey: String? { get }
}

/// A job of one account. Its handler sees that account's rows alone, see `AccountScope`; it goes with the account, waits while
/// the account is disabled, and counts towards the account's quota.
public protocol AccountJob: Job {
  /// Whose work it is.
  var accountID: AccountID { get }
}

extension AccountJob {
  /// The job's account.
  public var owner: AccountID? { accountID }
}

/// A job of no account: work for the whole installation, such as a model that all accounts share. Its handler sees the rows
/// of all accounts, and no account sees it. In fair turns all such jobs together stand like those of one account.
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

/// What a queue accepts.
public enum JobLimits {
  /// How large a job's JSON may be, in bytes.
  public static let payloadBytes = 65_536
  /// How long the name of a kind of job may be, in bytes.
  public static let nameBytes = 100
  /// How long a unique key may be, in bytes.
  public static let uniqueKeyBytes = 200
  /// How many jobs one push, one claim or one settlement may take.
  public static let batch = 10_000
  /// How much of an error's text is kept, in bytes.
  public static let failureBytes = 2_000
  /// How long the class of a failure may be, in bytes; longer ones are cut.
  public static let failureClassBytes = 100
  /// How much of a report is kept, in bytes.
  public static let reportBytes = 4_000
  /// How many jobs one page of a list may have.
  public static let page = 500
}

/// How urgently and when the jobs of a push are to run.
public struct PushOptions: Sendable, Hashable {
  /// 0 runs first, 9 last; others are moved to the nearer end.
  public let priority: Int

  /// The moment before which the jobs do not run; nil for at once.
  public let runAt: Instant?

  /// Takes a priority of 0 to 9 and the moment to wait for.
  public init(priority: Int = 5, runAt: Instant? = nil) {
    self.priority = min(max(priority, 0), 9)
    self.runAt = runAt
  }
}

/// What became of one job of a push.
public struct Pushed: Sendable, Hashable {
  /// The job that waits now.
  public let id: JobID

  /// Whether this push made it; false where a job with the same key waited already.
  public let isNew: Bool

  package init(id: JobID, isNew: Bool) {
    self.id = id
    self.isNew = isNew
  }
}

/// What a job has to say when it is done, kept with it for whoever looks: a sentence, or a few figures.
public struct JobReport: Sendable, Hashable {
  /// The text, cut to ``JobLimits/reportBytes``.
  public let text: String

  /// Takes the text.
  public init(_ text: String) {
    self.text = text.cut(toBytes: JobLimits.reportBytes)
  }
}
