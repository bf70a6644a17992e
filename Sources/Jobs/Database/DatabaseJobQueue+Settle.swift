import Storage
import Values

extension DatabaseJobQueue {
  /// Extends leases to `duration` from now; the results are in the order of `leases`.
  public func heartbeat(_ leases: [Lease], for duration: Duration) async throws -> [LeaseStatus] {
    guard !leases.isEmpty else { return [] }
    let end = clock().adding(duration)
    return try await database.write(isolation: .readCommitted) { transaction in
      try leases.map { lease in
        guard let row = try HeldRow.held(by: lease, in: transaction) else { return .lost }
        let changed = try transaction.execute(
          """
          UPDATE jobs SET lease_until = \(end)
          WHERE account_id = \(lease.owner) AND job_id = \(lease.id) AND state = 'running'
            AND lease_token = \(lease.token)
          """)
        guard changed == 1 else { return .lost }
        return row.isCancelRequested ? .cancelRequested : .held
      }
    }
  }

  /// Ends leases. A result is false where the lease had ended already; nothing was changed then.
  public func settle(_ settlements: [Settlement]) async throws -> [Bool] {
    guard !settlements.isEmpty else { return [] }
    let now = clock()
    return try await database.write(isolation: .readCommitted) { transaction in
      try settle(settlements, at: now, in: transaction)
    }
  }

  /// Ends leases and claims other jobs, in one commit.
  public func settle(
    _ settlements: [Settlement], thenClaim request: ClaimRequest
  ) async throws -> (answers: [Bool], claimed: [ClaimedJob]) {
    let now = clock()
    return try await database.write(isolation: .readCommitted) { transaction in
      (try settle(settlements, at: now, in: transaction), try claim(request, at: now, in: transaction))
    }
  }

  private func settle(
    _ settlements: [Settlement], at now: Instant, in transaction: any Transaction
  ) throws -> [Bool] {
    guard settlements.count <= JobLimits.batch else { throw JobQueueError.batchTooLarge(settlements.count) }
    guard !settlements.isEmpty else { return [] }
    var counters = AttemptTally()
    var answers = Array(repeating: false, count: settlements.count)
    var completions: [(index: Int, lease: Lease, report: JobReport?)] = []
    for (index, settlement) in settlements.enumerated() {
      if case .completed(let report) = settlement.ending {
        completions.append((index, settlement.lease, report))
      } else {
        answers[index] = try part(settlement, at: now, &counters, in: transaction)
      }
    }
    let areDone = try complete(completions.map { ($0.lease, $0.report) }, at: now, &counters, in: transaction)
    for (completion, isDone) in zip(completions, areDone) { answers[completion.index] = isDone }
    try counters.close(in: transaction)
    return answers
  }

  /// Completes a job within the caller's transaction, so that its effects and its completion commit together.
  ///
  /// Throws ``LeaseLost`` where the lease has ended.
  public func finish(_ lease: Lease, report: JobReport?, in transaction: any Transaction) throws {
    var counters = AttemptTally()
    let isDone = try complete([(lease, report)], at: clock(), &counters, in: transaction)
    guard isDone == [true] else { throw LeaseLost(id: lease.id) }
    try counters.close(in: transaction)
  }

  /// Completes jobs; a result is false where the lease had ended.
  private func complete(
    _ endings: [(lease: Lease, report: JobReport?)], at now: Instant, _ counters: inout AttemptTally,
    in transaction: any Transaction
  ) throws -> [Bool] {
    var done = Set<JobID>()
    for piece in StatementRows.paddedPieces(endings) {
      let rows = piece.map { lease, report in
        [lease.owner.sqlValue, lease.id.sqlValue, lease.token.sqlValue, (report?.text).sqlValue]
      }
      let ended = try transaction.query(
        """
        UPDATE jobs SET state = 'completed', finished_at = \(now), lease_owner = NULL, lease_until = NULL,
          cancel_requested = \(false), report = ended.column4
        FROM (VALUES \(.rows(rows))) AS ended
        WHERE account_id = ended.column1 AND job_id = ended.column2 AND state = 'running'
          AND lease_token = ended.column3
        RETURNING job_id
        """)
      for row in ended { done.insert(try row.get("job_id")) }
    }
    for (lease, _) in endings where done.contains(lease.id) {
      counters.count(.completed, queue: lease.queue, name: lease.name, failureClass: nil)
    }
    return endings.map { done.contains($0.lease.id) }
  }

  /// Ends a lease in any way other than completion.
  private func part(
    _ settlement: Settlement, at now: Instant, _ counters: inout AttemptTally, in transaction: any Transaction
  ) throws -> Bool {
    guard let row = try HeldRow.held(by: settlement.lease, in: transaction) else { return false }
    let transition = JobTransition(settlement.ending, try row.facts(in: transaction))
    guard try row.land(transition, at: now, in: transaction) else { return false }
    if case .pauseAccount(let end, let failure) = settlement.ending {
      try Self.pause(row.lease.owner, in: row.lease.queue, until: end, reason: failure.reason, transaction)
    }
    counters.count(transition, of: row.lease)
    return true
  }
}
