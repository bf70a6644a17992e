import Values

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
