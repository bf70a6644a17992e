import Database
import Values

extension DatabaseJobQueue {
  /// Adds jobs within the caller's transaction: they are there once it commits, and never were where it rolls back.
  ///
  /// A job whose unique key belongs to one that waits is not added; the answer names the one that waits.
  /// Call ``wake(_:)`` once the transaction has been written. Throws ``JobQueueError``.
  @discardableResult
  public func push<J: Job>(
    _ jobs: [J], _ options: PushOptions = PushOptions(), in transaction: any Transaction
  ) throws -> [Pushed] {
    try Self.push(try JobDraft.drafts(of: jobs), options, at: clock(), ids, in: transaction)
  }

  /// Adds jobs and wakes the workers of their queues. Pushes that come at the same time share a transaction.
  public func push(_ drafts: [JobDraft], _ options: PushOptions) async throws -> [Pushed] {
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
    let insertion = try transaction.prepare(insertion)
    var turns = TurnBook(transaction)
    var pushed: [Pushed] = []
    pushed.reserveCapacity(drafts.count)
    for draft in drafts {
      let id = ids.next(at: now)
      let turn =
        state == .available
        ? try turns.next(for: draft.accountID, in: draft.queue, priority: options.priority) : 0
      let isNew = try insertion.execute([
        draft.accountID.sqlValue, id.sqlValue, draft.queue.sqlValue, .text(draft.name), .text(draft.payload),
        draft.uniqueKey.sqlValue, state.sqlValue, options.priority.sqlValue, turn.sqlValue,
        draft.maximumAttempts.sqlValue, runAt.sqlValue, now.sqlValue, .bool(false),
      ])
      if isNew == 1 {
        if state == .available {
          turns.take(turn, for: draft.accountID, in: draft.queue, priority: options.priority)
        }
        pushed.append(Pushed(id: id, isNew: true))
      } else {
        pushed.append(Pushed(id: try twin(of: draft, in: transaction), isNew: false))
      }
    }
    try turns.close()
    for queue in Set(drafts.map(\.queue)).sorted() { try transaction.announce(queue) }
    return pushed
  }

  /// The job that waits under the draft's key. Where it has begun to run since the insertion met it, the database is
  /// busy with it, and the caller's transaction may be tried again.
  private static func twin(of draft: JobDraft, in transaction: any Transaction) throws -> JobID {
    guard let key = draft.uniqueKey,
      let id = try waiting(accountID: draft.accountID, name: draft.name, uniqueKey: key, in: transaction)
    else { throw DatabaseError.busy("a job \(draft.name) of the same key is being claimed") }
    return id
  }

  /// The job that waits under a unique key.
  static func waiting(
    accountID: AccountID, name: String, uniqueKey: String, in transaction: any Transaction
  ) throws -> JobID? {
    try transaction.first(
      """
      SELECT job_id FROM jobs
      WHERE account_id = \(accountID) AND name = \(name) AND unique_key = \(uniqueKey)
        AND state IN ('available', 'scheduled')
      """)?.get("job_id")
  }

  private static let insertion: SQL =
    """
    INSERT INTO jobs (account_id, job_id, queue, name, payload, unique_key, state, priority, turn, attempt,
      maximum_attempts, run_at, created_at, lease_token, cancel_requested)
    VALUES (\(""), \(""), \(""), \(""), \(""), \(""), \(""), \(0), \(0), 0, \(0), \(Instant(microseconds: 0)),
      \(Instant(microseconds: 0)), 0, \(false))
    ON CONFLICT (account_id, name, unique_key)
    WHERE state IN ('available', 'scheduled') AND unique_key IS NOT NULL DO NOTHING
    """
}
