import Storage
import Values

/// A running job, with what is needed to end the lease on it.
struct HeldRow {
  static let columns: SQL =
    "account_id, job_id, queue, name, unique_key, attempt, maximum_attempts, lease_token, cancel_requested"

  let lease: Lease
  private let uniqueKey: String?
  private let attempt: Int
  private let maximumAttempts: Int
  let isCancelRequested: Bool

  init(_ row: Row) throws {
    lease = Lease(
      id: try row.get("job_id"), accountID: try row.get("account_id", as: JobOwner.self).accountID,
      queue: QueueName(rawValue: try row.get("queue")),
      name: try row.get("name"), token: try row.get("lease_token"))
    uniqueKey = try row.getOptional("unique_key")
    attempt = try row.get("attempt")
    maximumAttempts = try row.get("maximum_attempts")
    isCancelRequested = try row.get("cancel_requested")
  }

  /// The job if `lease` is still valid; otherwise nil.
  static func held(by lease: Lease, in transaction: any Transaction) throws -> HeldRow? {
    try transaction.first(
      """
      SELECT \(columns) FROM jobs
      WHERE account_id = \(lease.owner) AND job_id = \(lease.id) AND state = 'running'
        AND lease_token = \(lease.token)
      """
    ).map(HeldRow.init)
  }

  /// What the next state depends on.
  func facts(in transaction: any Transaction) throws -> JobTransition.Facts {
    let twin = try uniqueKey.flatMap {
      try DatabaseJobQueue.waiting(
        owner: lease.owner, name: lease.name, uniqueKey: $0, in: transaction)
    }
    return JobTransition.Facts(
      attempt: attempt, maximumAttempts: maximumAttempts, isCancelRequested: isCancelRequested, hasTwin: twin != nil)
  }

  /// Writes the next state. Returns whether the lease was still valid.
  @discardableResult
  func land(_ transition: JobTransition, at now: Instant, in transaction: any Transaction) throws -> Bool {
    let finishedAt = transition.state.isFinal ? now : nil
    return try transaction.execute(
      """
      UPDATE jobs SET state = \(transition.state), attempt = \(transition.attempt),
        run_at = COALESCE(\(transition.runAt.sqlValue), run_at), finished_at = \(finishedAt.sqlValue),
        lease_owner = NULL, lease_until = NULL, cancel_requested = \(false),
        failure_class = COALESCE(\((transition.failure?.failureClass).sqlValue), failure_class),
        failure_reason = COALESCE(\((transition.failure?.reason).sqlValue), failure_reason),
        failure = COALESCE(\((transition.failure?.text).sqlValue), failure), report = \(transition.report.sqlValue)
      WHERE account_id = \(lease.owner) AND job_id = \(lease.id) AND state = 'running'
        AND lease_token = \(lease.token)
      """) == 1
  }
}

extension AttemptTally {
  mutating func count(_ transition: JobTransition, of lease: Lease) {
    count(transition.outcome, queue: lease.queue, name: lease.name, failureClass: transition.failure?.failureClass)
  }
}
