import Values

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

/// What a heartbeat reports about a lease.
public enum LeaseStatus: Sendable, Hashable {
  /// The lease was extended.
  case held
  /// The lease was extended, and the worker is asked to stop the job.
  case cancelRequested
  /// The lease has ended: the job is no longer this worker's.
  case lost
}
