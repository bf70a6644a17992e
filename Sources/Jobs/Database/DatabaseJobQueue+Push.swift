import Storage
import Values

extension DatabaseJobQueue {
  /// Adds jobs within the caller's transaction: they exist if and only if it commits.
  ///
  /// A job is not added while a job with its unique key is waiting; the result then names the waiting job.
  /// Call ``wake(_:)`` after the commit. Throws ``JobQueueError``.
  @discardableResult
  public func push<J: Job>(
    _ jobs: [J], _ options: PushOptions = PushOptions(), in transaction: any Transaction
  ) throws -> [Pushed] {
    try check(kind: J.name)
    return try Self.push(try JobDraft.drafts(of: jobs), options, at: clock(), ids, in: transaction)
  }

  /// Adds jobs and wakes the workers of their queues. Concurrent pushes share a transaction.
  public func push(_ drafts: [JobDraft], _ options: PushOptions) async throws -> [Pushed] {
    for name in Set(drafts.map(\.name)).sorted() { try check(kind: name) }
    let pushed = try await pushes.submit(PushRequest(drafts: drafts, options: options))
    for queue in Set(drafts.map(\.queue)) { wake(queue) }
    return pushed
  }

  static func push(
    _ drafts: [JobDraft], _ options: PushOptions, at now: Instant, _ ids: JobIDMaker, in transaction: any Transaction
  ) throws -> [Pushed] {
    guard drafts.count <= JobLimits.batch else { throw JobQueueError.batchTooLarge(drafts.count) }
    guard !drafts.isEmpty else { return [] }
    let runAt = max(options.runAt ?? now, now)
    let state = runAt > now ? JobState.scheduled : .available
    var waiting = try waitingTwins(of: drafts, in: transaction)
    let known = Set(waiting.values)
    var turns = TurnAllocator(transaction)
    if state == .available { try turns.lookUp(drafts, priority: options.priority) }
    var pushed: [Pushed] = []
    pushed.reserveCapacity(drafts.count)
    var rows: [[SQLValue]] = []
    for draft in drafts {
      if let twin = draft.twinKey.flatMap({ waiting[$0] }) {
        pushed.append(Pushed(id: twin, isNew: false))
        continue
      }
      let id = ids.next(at: now)
      let turn =
        state == .available ? try turns.take(for: draft.owner, in: draft.queue, priority: options.priority) : 0
      rows.append([
        draft.owner.sqlValue, id.sqlValue, draft.queue.sqlValue, .text(draft.name), .text(draft.payload),
        draft.uniqueKey.sqlValue, state.sqlValue, options.priority.sqlValue, turn.sqlValue, 0.sqlValue,
        draft.maximumAttempts.sqlValue, runAt.sqlValue, now.sqlValue, 0.sqlValue, .bool(false),
      ])
      if let key = draft.twinKey { waiting[key] = id }
      pushed.append(Pushed(id: id, isNew: true))
    }
    let there = try insert(rows, in: transaction).union(known)
    // Where one is missing, another transaction has pushed a twin meanwhile.
    for (index, draft) in drafts.enumerated() where !there.contains(pushed[index].id) {
      pushed[index] = Pushed(id: try twin(of: draft, in: transaction), isNew: false)
    }
    try turns.close()
    for queue in Set(drafts.map(\.queue)).sorted() { try transaction.announce(queue) }
    return pushed
  }

  /// Writes new jobs; returns those that no waiting twin excluded.
  private static func insert(_ rows: [[SQLValue]], in transaction: any Transaction) throws -> Set<JobID> {
    var inserted = Set<JobID>(minimumCapacity: rows.count)
    for piece in StatementRows.pieces(rows) {
      let written = try transaction.query(
        """
        INSERT INTO jobs (account_id, job_id, queue, name, payload, unique_key, state, priority, turn, attempt,
          maximum_attempts, run_at, created_at, lease_token, cancel_requested)
        VALUES \(.rows(Array(piece)))
        ON CONFLICT (account_id, name, unique_key)
        WHERE state IN ('available', 'scheduled') AND unique_key IS NOT NULL DO NOTHING
        RETURNING job_id
        """)
      for row in written { inserted.insert(try row.get("job_id")) }
    }
    return inserted
  }

  /// The jobs waiting under the drafts' keys. They cannot be claimed until the caller's transaction ends, so whatever
  /// the caller writes in the same transaction is there when they run.
  private static func waitingTwins(
    of drafts: [JobDraft], in transaction: any Transaction
  ) throws -> [JobDraft.TwinKey: JobID] {
    var waiting: [JobDraft.TwinKey: JobID] = [:]
    let lines = Dictionary(grouping: Set(drafts.compactMap(\.twinKey))) { "\($0.owner) \($0.name)" }
    for (_, keys) in lines.sorted(by: { $0.key < $1.key }) {
      guard let first = keys.first else { continue }
      let rows = try transaction.query(
        """
        SELECT unique_key, job_id FROM jobs
        WHERE account_id = \(first.owner) AND name = \(first.name)
          AND unique_key IN (\(.list(keys.map(\.uniqueKey).sorted()))) AND state IN ('available', 'scheduled')
        ORDER BY unique_key\(transaction.lockingOneRow)
        """)
      for row in rows {
        let key = JobDraft.TwinKey(
          owner: first.owner, name: first.name, uniqueKey: try row.get("unique_key"))
        waiting[key] = try row.get("job_id")
      }
    }
    return waiting
  }

  /// The job waiting under the draft's key, locked until the caller's transaction ends. Where it has started to run
  /// since the insertion found it, throws a busy error, and the caller's transaction may be tried again.
  private static func twin(of draft: JobDraft, in transaction: any Transaction) throws -> JobID {
    guard let id = try waitingTwins(of: [draft], in: transaction).values.first else {
      throw DatabaseError.busy("a \(draft.name) job with the same key is being claimed")
    }
    return id
  }

  /// The job waiting under a unique key.
  static func waiting(
    owner: JobOwner, name: String, uniqueKey: String, in transaction: any Transaction
  ) throws -> JobID? {
    try transaction.first(
      """
      SELECT job_id FROM jobs
      WHERE account_id = \(owner) AND name = \(name) AND unique_key = \(uniqueKey)
        AND state IN ('available', 'scheduled')
      """)?.get("job_id")
  }
}

extension TurnAllocator {
  /// Looks up the fair queues of the drafts.
  fileprivate mutating func lookUp(_ drafts: [JobDraft], priority: Int) throws {
    for (queue, drafts) in Dictionary(grouping: drafts, by: \.queue) {
      try lookUp(Set(drafts.map(\.owner)), in: queue, priority: priority)
    }
  }
}

extension JobDraft {
  /// What makes two waiting jobs twins.
  fileprivate struct TwinKey: Hashable {
    let owner: JobOwner
    let name: String
    let uniqueKey: String
  }

  fileprivate var twinKey: TwinKey? {
    uniqueKey.map { TwinKey(owner: owner, name: name, uniqueKey: $0) }
  }
}
