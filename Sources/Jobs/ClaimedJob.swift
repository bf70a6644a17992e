import Values

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
