import Storage
import Values

extension DatabaseJobQueue {
  /// Jobs that match the filter, newest first.
  public func list(_ filter: JobFilter) async throws -> [JobRecord] {
    let conditions: [SQL?] = [
      filter.accountID.map { "account_id = \($0)" },
      filter.isOfNoAccount ? "account_id = \(JobOwner(nil))" : nil, filter.queue.map { "queue = \($0)" },
      filter.name.map { "name = \($0)" }, filter.state.map { "state = \($0)" },
      filter.before.map { "job_id < \($0)" },
    ]
    let restriction = conditions.compactMap { $0 }.reduce(nil as SQL?) { all, one in
      all.map { "\($0) AND \(one)" } ?? one
    }
    let clause: SQL = restriction.map { "WHERE \($0) " } ?? ""
    return try await database.read { transaction in
      try transaction.query("SELECT * FROM jobs \(clause)ORDER BY job_id DESC LIMIT \(filter.limit)").map(
        JobRecord.init)
    }
  }

  /// A job of the account, or of no account for nil; nil where there is none with this id.
  public func job(_ id: JobID, of accountID: AccountID?) async throws -> JobRecord? {
    try await database.read { transaction in try Self.record(id, of: accountID, in: transaction) }
  }

  /// Makes a job that is dead, cancelled or scheduled available now.
  public func retry(_ id: JobID, of accountID: AccountID?) async throws {
    wake(try await database.write { transaction in try retry(id, of: accountID, in: transaction) })
  }

  /// Makes a job that is dead, cancelled or scheduled available, within the caller's transaction.
  ///
  /// Returns the queue for which to call ``wake(_:)`` after the commit. Throws ``JobQueueError``.
  public func retry(_ id: JobID, of accountID: AccountID?, in transaction: any Transaction) throws -> QueueName {
    let job = try Self.knownRecord(id, of: accountID, in: transaction)
    try check(kind: job.name)
    guard job.state.canMove(to: .available), job.state != .running else {
      throw JobQueueError.notAllowed(id, state: job.state)
    }
    if let key = job.uniqueKey,
      let twin = try Self.waiting(owner: JobOwner(accountID), name: job.name, uniqueKey: key, in: transaction),
      twin != id
    {
      throw JobQueueError.twinWaits(twin)
    }
    var turns = TurnAllocator(transaction)
    let turn = try turns.take(for: JobOwner(accountID), in: job.queue, priority: job.priority)
    try transaction.execute(
      """
      UPDATE jobs SET state = 'available', turn = \(turn), attempt = \(job.state.isFinal ? 0 : job.attempt),
        run_at = \(clock()), finished_at = NULL
      WHERE account_id = \(JobOwner(accountID)) AND job_id = \(id)
      """)
    try turns.close()
    try transaction.announce(job.queue)
    return job.queue
  }

  /// Cancels a waiting job, or asks the worker of a running one to stop it.
  @discardableResult
  public func cancel(_ id: JobID, of accountID: AccountID?) async throws -> JobState {
    try await database.write { transaction in try cancel(id, of: accountID, in: transaction) }
  }

  /// Cancels a waiting job, or asks the worker of a running one to stop it, within the caller's transaction.
  ///
  /// Throws ``JobQueueError``.
  @discardableResult
  public func cancel(_ id: JobID, of accountID: AccountID?, in transaction: any Transaction) throws -> JobState {
    let job = try Self.knownRecord(id, of: accountID, in: transaction)
    if job.state == .running {
      try transaction.execute(
        "UPDATE jobs SET cancel_requested = \(true) WHERE account_id = \(JobOwner(accountID)) AND job_id = \(id)")
      return .running
    }
    guard job.state.canMove(to: .cancelled) else { throw JobQueueError.notAllowed(id, state: job.state) }
    try transaction.execute(
      """
      UPDATE jobs SET state = 'cancelled', finished_at = \(clock())
      WHERE account_id = \(JobOwner(accountID)) AND job_id = \(id)
      """)
    var counters = AttemptTally()
    counters.count(.cancelled, queue: job.queue, name: job.name, failureClass: nil)
    try counters.close(in: transaction)
    return .cancelled
  }

  /// Pauses the account's jobs in a queue, or in every queue, until `end`. A pause that already lasts longer stays.
  public func pause(
    _ accountID: AccountID, in queue: QueueName, until end: Instant, reason: String
  ) async throws {
    try await database.write { transaction in
      try pause(accountID, in: queue, until: end, reason: reason, in: transaction)
    }
  }

  /// Pauses the account's jobs in a queue until `end`, within the caller's transaction.
  public func pause(
    _ accountID: AccountID, in queue: QueueName, until end: Instant, reason: String, in transaction: any Transaction
  ) throws {
    try Self.pause(JobOwner(accountID), in: queue, until: end, reason: reason, transaction)
  }

  /// Ends a pause early: the jobs that wait for its end may run now.
  @discardableResult
  public func resume(_ accountID: AccountID, in queue: QueueName) async throws -> Bool {
    let wasPaused = try await database.write { transaction in try resume(accountID, in: queue, in: transaction) }
    if wasPaused { wake(queue) }
    return wasPaused
  }

  /// Ends a pause early, within the caller's transaction. Returns whether there was one; then call ``wake(_:)`` after
  /// the commit.
  @discardableResult
  public func resume(
    _ accountID: AccountID, in queue: QueueName, in transaction: any Transaction
  ) throws -> Bool {
    let now = clock()
    let pause = try transaction.first(
      """
      SELECT until FROM job_pauses
      WHERE account_id = \(accountID) AND queue = \(queue) AND until > \(now)\(transaction.lockingOneRow)
      """)
    guard let pause else { return false }
    try transaction.execute("DELETE FROM job_pauses WHERE account_id = \(accountID) AND queue = \(queue)")
    let ofQueue: SQL = queue == .every ? "" : " AND queue = \(queue)"
    try transaction.execute(
      """
      UPDATE jobs SET run_at = \(now)
      WHERE account_id = \(accountID)\(ofQueue) AND state = 'scheduled'
        AND run_at = \(try pause.get("until", as: Instant.self))
      """)
    try transaction.announce(queue)
    return true
  }

  static func pause(
    _ owner: JobOwner, in queue: QueueName, until end: Instant, reason: String, _ transaction: any Transaction
  ) throws {
    try transaction.execute(
      """
      INSERT INTO job_pauses (account_id, queue, until, reason)
      VALUES (\(owner), \(queue), \(end), \(reason.cut(toBytes: JobLimits.failureBytes)))
      ON CONFLICT (account_id, queue) DO UPDATE SET until = excluded.until, reason = excluded.reason
      WHERE job_pauses.until < excluded.until
      """)
  }

  private static func knownRecord(
    _ id: JobID, of accountID: AccountID?, in transaction: any Transaction
  ) throws -> JobRecord {
    guard let job = try record(id, of: accountID, in: transaction, transaction.lockingOneRow) else {
      throw JobQueueError.unknownJob(id)
    }
    return job
  }

  private static func record(
    _ id: JobID, of accountID: AccountID?, in transaction: any Transaction, _ suffix: SQL = ""
  ) throws -> JobRecord? {
    try transaction.first("SELECT * FROM jobs WHERE account_id = \(JobOwner(accountID)) AND job_id = \(id)\(suffix)")
      .map(JobRecord.init)
  }
}
