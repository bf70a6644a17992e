import Storage
import Values

extension DatabaseJobQueue {
  /// Claims jobs that are ready, in order of priority, turn and id.
  public func claim(_ request: ClaimRequest) async throws -> [ClaimedJob] {
    guard !request.isVoid else { return [] }
    let now = clock()
    return try await database.write(isolation: .readCommitted) { transaction in
      try claim(request, at: now, in: transaction)
    }
  }

  func claim(_ request: ClaimRequest, at now: Instant, in transaction: any Transaction) throws -> [ClaimedJob] {
    guard !request.isVoid else { return [] }
    let hasPauses = try keepHouse(in: request.queue, at: now, transaction)
    var claim = Claim(request, at: now, in: transaction)
    return try claim.run(heedingPauses: hasPauses)
  }

  /// The most jobs that one claim makes available, takes from a lost worker or defers.
  static let housekeepingBatch = 500

  /// Expires overdue leases and makes scheduled jobs available, and returns whether accounts are paused. Most of the
  /// time there is nothing to do.
  private func keepHouse(in queue: QueueName, at now: Instant, _ transaction: any Transaction) throws -> Bool {
    let found = try transaction.first(
      """
      SELECT
        EXISTS (SELECT 1 FROM jobs WHERE queue = \(queue) AND state = 'running' AND lease_until <= \(now)) AS expired,
        EXISTS (SELECT 1 FROM jobs WHERE queue = \(queue) AND state = 'scheduled' AND run_at <= \(now)) AS due,
        EXISTS (
          SELECT 1 FROM job_pauses WHERE queue IN (\(queue), \(QueueName.every)) AND until > \(now)) AS has_pauses
      """)
    if try found?.get("expired") == true { try expire(in: queue, at: now, transaction) }
    // Jobs that have just expired may be due at once.
    if try found?.get("expired") == true || found?.get("due") == true { try promote(in: queue, at: now, transaction) }
    return try found?.get("has_pauses") ?? false
  }

  /// Makes jobs available that have become due; they get their turns now, in the order of their due times.
  private func promote(in queue: QueueName, at now: Instant, _ transaction: any Transaction) throws {
    let due = try transaction.query(
      """
      SELECT account_id, job_id, priority FROM jobs
      WHERE queue = \(queue) AND state = 'scheduled' AND run_at <= \(now)
      ORDER BY run_at, job_id LIMIT \(Self.housekeepingBatch)\(transaction.lockingRows)
      """)
    guard !due.isEmpty else { return }
    var turns = TurnAllocator(transaction)
    let promotions = try due.map { row -> [SQLValue] in
      let owner: JobOwner = try row.get("account_id")
      let priority: Int = try row.get("priority")
      let turn = try turns.take(for: owner, in: queue, priority: priority)
      return [turn.sqlValue, owner.sqlValue, try row.get("job_id", as: JobID.self).sqlValue]
    }
    try transaction.prepare(Self.promotion).execute(each: promotions)
    try turns.close()
  }

  private static let promotion: SQL =
    "UPDATE jobs SET state = 'available', turn = \(0) WHERE account_id = \("") AND job_id = \("")"

  /// Takes jobs back from workers that stopped answering.
  private func expire(in queue: QueueName, at now: Instant, _ transaction: any Transaction) throws {
    let expired = try transaction.query(
      """
      SELECT \(HeldRow.columns) FROM jobs
      WHERE queue = \(queue) AND state = 'running' AND lease_until <= \(now)
      ORDER BY lease_until, job_id LIMIT \(Self.housekeepingBatch)\(transaction.lockingRows)
      """)
    guard !expired.isEmpty else { return }
    var counters = AttemptTally()
    for row in try expired.map(HeldRow.init) {
      let transition = JobTransition(expired: try row.facts(in: transaction))
      try row.land(transition, at: now, in: transaction)
      counters.count(transition, of: row.lease)
    }
    try counters.close(in: transaction)
  }
}

/// One claim within its transaction.
private struct Claim {
  private let request: ClaimRequest
  private let now: Instant
  private let transaction: any Transaction
  private var held: [JobOwner: Int]
  /// Accounts of which the worker may claim no more jobs.
  private var full: Set<JobOwner>
  private var highestTurns: [Int: Int64] = [:]
  private var claimed: [ClaimedJob] = []
  /// Account and id of each job taken in this round.
  private var taken: [[SQLValue]] = []
  private var putOff = 0

  init(_ request: ClaimRequest, at now: Instant, in transaction: any Transaction) {
    self.request = request
    self.now = now
    self.transaction = transaction
    held = Dictionary(uniqueKeysWithValues: request.held.map { (JobOwner($0), $1) })
    full = Set(held.filter { $0.value >= request.accountLimit }.keys)
  }

  mutating func run(heedingPauses: Bool) throws -> [ClaimedJob] {
    var candidates = try self.candidates()
    guard !candidates.isEmpty else { return [] }
    let pauses = heedingPauses ? try self.pauses() : [:]
    while !candidates.isEmpty {
      for row in candidates {
        let owner: JobOwner = try row.get("account_id")
        if let end = pauses[owner] {
          try putOff(row, of: owner, until: end)
        } else if held[owner, default: 0] < request.accountLimit {
          try take(row, of: owner)
        } else {
          full.insert(owner)
        }
      }
      try noteTaken()
      candidates = claimed.count < request.limit ? try self.candidates() : []
    }
    try raiseFloors()
    return claimed
  }

  /// The next jobs in order, except those of accounts that have reached their limit. Each round takes jobs, defers
  /// them, or finds another account at its limit, so the rounds come to an end.
  private func candidates() throws -> [Row] {
    let fullAccounts: SQL = full.isEmpty ? "" : " AND account_id NOT IN (\(.list(full.sorted())))"
    return try transaction.query(
      """
      SELECT account_id, job_id, name, payload, priority, turn, attempt, maximum_attempts, created_at, lease_token
      FROM jobs
      WHERE queue = \(request.queue) AND state = 'available' AND name IN (\(.list(request.names.sorted())))\(fullAccounts)
      ORDER BY priority, turn, job_id LIMIT \(request.limit - claimed.count)\(transaction.lockingRows)
      """)
  }

  private func pauses() throws -> [JobOwner: Instant] {
    let rows = try transaction.query(
      """
      SELECT account_id, until FROM job_pauses
      WHERE queue IN (\(request.queue), \(QueueName.every)) AND until > \(now)
      """)
    return try Dictionary(
      rows.map { (try $0.get("account_id"), try $0.get("until")) }, uniquingKeysWith: max)
  }

  private mutating func take(_ row: Row, of owner: JobOwner) throws {
    let token: Int64 = try row.get("lease_token", as: Int64.self) + 1
    let id: JobID = try row.get("job_id")
    let priority: Int = try row.get("priority")
    let attempt: Int = try row.get("attempt") + 1
    taken.append([owner.sqlValue, id.sqlValue])
    held[owner, default: 0] += 1
    highestTurns[priority] = FairTurn.floor(highestTurns[priority] ?? 0, afterClaimOf: try row.get("turn"))
    claimed.append(
      ClaimedJob(
        lease: Lease(
          id: id, accountID: owner.accountID, queue: request.queue, name: try row.get("name"), token: token),
        payload: try row.get("payload"), attempt: attempt, maximumAttempts: try row.get("maximum_attempts"),
        createdAt: try row.get("created_at")))
  }

  /// Records which jobs were taken. Their rows have been locked since they were found.
  private mutating func noteTaken() throws {
    for rows in StatementRows.paddedPieces(taken) {
      try transaction.execute(
        """
        UPDATE jobs SET state = 'running', attempt = attempt + 1, started_at = \(now), lease_owner = \(request.owner),
          lease_token = lease_token + 1, lease_until = \(now.adding(request.lease))
        WHERE (account_id, job_id) IN (VALUES \(.rows(rows))) AND state = 'available'
        """)
    }
    taken = []
  }

  /// Defers a job of a paused account until the pause ends, so that the next claim does not meet it again. One claim
  /// defers only a limited number; the others are skipped.
  private mutating func putOff(_ row: Row, of owner: JobOwner, until end: Instant) throws {
    guard putOff < DatabaseJobQueue.housekeepingBatch else {
      full.insert(owner)
      return
    }
    putOff += 1
    try transaction.execute(
      """
      UPDATE jobs SET state = 'scheduled', run_at = \(end)
      WHERE account_id = \(owner) AND job_id = \(try row.get("job_id", as: JobID.self)) AND state = 'available'
      """)
  }

  private func raiseFloors() throws {
    for (priority, turn) in highestTurns.sorted(by: { $0.key < $1.key }) {
      try transaction.execute(
        """
        INSERT INTO job_queues (queue, priority, floor) VALUES (\(request.queue), \(priority), \(turn))
        ON CONFLICT (queue, priority) DO UPDATE SET floor = excluded.floor WHERE job_queues.floor < excluded.floor
        """)
    }
  }
}
