import Execution
import Storage
import Values

/// The SQL of the state transitions of changes, and of their history. Each transition names the states that it starts
/// from, and returns whether the change was in one of them.
struct AdChangeMovesRepository: Sendable {
  private static let historyTable = StoredTable("ad_change_history", key: "account_id", "change_id", "entry")

  private func move(
    _ id: TimedID, of account: AccountID, from: [ChangeState], to: ChangeState, because reason: String? = nil,
    _ more: SQL = "", in transaction: any Transaction
  ) throws -> Bool {
    try transaction.execute(
      """
      UPDATE pending_ad_changes SET state = \(to.rawValue), state_reason = \(reason.map { $0.cut(toBytes: 2_000) }.sqlValue)
        \(more)
      WHERE account_id = \(account) AND change_id = \(id.description) AND state IN (\(.list(from.map(\.rawValue))))
      """) > 0
  }

  func approve(
    _ id: TimedID, of account: AccountID, by actor: String, at now: Instant, in transaction: any Transaction
  ) throws -> Bool {
    try move(
      id, of: account, from: [.proposed], to: .approved, ", approved_at = \(now), approved_by = \(actor)",
      in: transaction)
  }

  /// Ends a change that was not written. It may be claimed: its executor will find it ended.
  func end(
    _ id: TimedID, of account: AccountID, as state: ChangeState, because reason: String, at now: Instant,
    in transaction: any Transaction
  ) throws -> Bool {
    let from: [ChangeState] = state == .blocked ? [.claimed] : [.proposed, .approved, .claimed]
    return try move(
      id, of: account, from: from, to: state, because: reason, ", finished_at = \(now), claimed_until = NULL",
      in: transaction)
  }

  /// Claims the next approved change that may be applied now, until `end`.
  func claim(
    of account: AccountID, by worker: String, at now: Instant, until end: Instant, in transaction: any Transaction
  ) throws -> TimedID? {
    let next = try transaction.first(
      """
      SELECT change_id FROM pending_ad_changes
      WHERE account_id = \(account) AND state = 'approved' AND (not_before IS NULL OR not_before <= \(now))
        AND expires_at > \(now)
      ORDER BY apply_rank, change_id LIMIT 1
      """)
    guard let id = try next.map({ try AdChangeRepository.table.read($0, of: account) { try $0.timedID("change_id") } })
    else { return nil }
    let isTaken = try move(
      id, of: account, from: [.approved], to: .claimed, ", claimed_by = \(worker), claimed_until = \(end)",
      in: transaction)
    return isTaken ? id : nil
  }

  /// Releases a claimed change, to be tried again from `moment` on.
  func release(
    _ id: TimedID, of account: AccountID, until moment: Instant?, because reason: String?,
    in transaction: any Transaction
  ) throws -> Bool {
    try move(
      id, of: account, from: [.claimed], to: .approved, because: reason,
      ", not_before = \(moment.sqlValue), claimed_until = NULL", in: transaction)
  }

  /// Records that a claimed change is about to be written: before `sendBy` or not at all, with its outcome settled by
  /// reading from `settleAt` on.
  func intend(
    _ id: TimedID, of account: AccountID, _ write: PastWrite, sendBy: Instant, settleAt: Instant,
    in transaction: any Transaction
  ) throws -> Bool {
    try move(
      id, of: account, from: [.claimed], to: .applying,
      """
      , claimed_until = NULL, applying_at = \(write.at), send_by = \(sendBy), settle_at = \(settleAt),
        ads_paused = \(write.adsPaused), delivery_paused = \(write.deliveryPaused.value)
      """, in: transaction)
  }

  /// Releases a change that was not sent after all.
  func withdraw(
    _ id: TimedID, of account: AccountID, until moment: Instant?, because reason: String,
    in transaction: any Transaction
  ) throws -> Bool {
    try move(
      id, of: account, from: [.applying], to: .approved, because: reason,
      """
      , not_before = \(moment.sqlValue), applying_at = NULL, send_by = NULL, settle_at = NULL, ads_paused = 0,
        delivery_paused = 0
      """, in: transaction)
  }

  /// Ends a change that was being written.
  func settle(
    _ id: TimedID, of account: AccountID, as state: ChangeState, wasWritten: Bool, because reason: String?,
    at now: Instant, in transaction: any Transaction
  ) throws -> Bool {
    try move(
      id, of: account, from: [.applying], to: state, because: reason,
      ", was_written = \(wasWritten), finished_at = \(now)", in: transaction)
  }

  /// Postpones settling a change with an unknown outcome until `moment`.
  func postpone(
    _ id: TimedID, of account: AccountID, until moment: Instant, because reason: String, in transaction: any Transaction
  ) throws {
    _ = try move(
      id, of: account, from: [.applying], to: .applying, because: reason, ", settle_at = \(moment)", in: transaction)
  }

  func rollBack(
    _ id: TimedID, of account: AccountID, by other: TimedID, in transaction: any Transaction
  ) throws -> Bool {
    try move(
      id, of: account, from: [.verified], to: .rolledBack, because: "taken back by change \(other)",
      ", rolled_back_by = \(other.description)", in: transaction)
  }

  // MARK: Due changes

  /// The changes that have expired without being written, and those that newer proposals replace.
  func expired(of account: AccountID, at now: Instant, in transaction: any Transaction) throws -> [TimedID] {
    try ids(
      """
      SELECT change_id FROM pending_ad_changes
      WHERE account_id = \(account) AND state IN ('proposed', 'approved') AND expires_at <= \(now) ORDER BY change_id
      """, in: transaction)
  }

  /// The unapproved proposals of these origins.
  func proposed(
    of account: AccountID, from origins: [ChangeOrigin], in transaction: any Transaction
  ) throws -> [TimedID] {
    try ids(
      """
      SELECT change_id FROM pending_ad_changes
      WHERE account_id = \(account) AND state = 'proposed' AND origin IN (\(.list(origins.map(\.rawValue))))
      ORDER BY change_id
      """, in: transaction)
  }

  /// The claimed changes whose executor has not come back.
  func abandoned(of account: AccountID, at now: Instant, in transaction: any Transaction) throws -> [TimedID] {
    try ids(
      """
      SELECT change_id FROM pending_ad_changes
      WHERE account_id = \(account) AND state = 'claimed' AND claimed_until <= \(now) ORDER BY change_id
      """, in: transaction)
  }

  /// The changes that were being written and whose outcome is to be settled by reading.
  func unsettled(of account: AccountID, at now: Instant, in transaction: any Transaction) throws -> [TimedID] {
    try ids(
      """
      SELECT change_id FROM pending_ad_changes
      WHERE account_id = \(account) AND state = 'applying' AND settle_at <= \(now) ORDER BY change_id
      """, in: transaction)
  }

  /// Whether the account has an approved change that may be applied now.
  func hasApproved(of account: AccountID, at now: Instant, in transaction: any Transaction) throws -> Bool {
    try transaction.first(
      """
      SELECT 1 AS found FROM pending_ad_changes
      WHERE account_id = \(account) AND state = 'approved' AND (not_before IS NULL OR not_before <= \(now)) LIMIT 1
      """) != nil
  }

  /// The account's changes that are being written, or those of all accounts where it is nil.
  func underWay(
    of account: AccountID?, in transaction: any Transaction
  ) throws -> [(account: AccountID, id: TimedID, object: String, sendBy: Instant)] {
    let condition: SQL = account.map { " AND account_id = \($0)" } ?? ""
    return try transaction.query(
      """
      SELECT account_id, change_id, object_id, send_by FROM pending_ad_changes WHERE state = 'applying'\(condition)
      ORDER BY account_id, change_id
      """
    ).map { row in
      try AdChangeRepository.table.read(row) { row in
        (try row.get("account_id"), try row.timedID("change_id"), try row.get("object_id"), try row.get("send_by"))
      }
    }
  }

  private func ids(_ sql: SQL, in transaction: any Transaction) throws -> [TimedID] {
    try transaction.query(sql).map { row in try AdChangeRepository.table.read(row) { try $0.timedID("change_id") } }
  }

  // MARK: History

  /// Appends to a change's history. Each entry follows a transition of the change, so that no two have the same number.
  func append(
    _ event: ChangeEvent, to change: TimedID, of account: AccountID, in transaction: any Transaction
  ) throws {
    try transaction.execute(
      """
      INSERT INTO ad_change_history (
        account_id, change_id, entry, at, actor, event, state, detail, request, response)
      VALUES (
        \(account), \(change.description), (
          SELECT COALESCE(MAX(entry), 0) + 1 FROM ad_change_history
          WHERE account_id = \(account) AND change_id = \(change.description)),
        \(event.at), \(event.actor), \(event.event.rawValue), \(event.state.rawValue),
        \(event.detail.map { $0.cut(toBytes: 2_000) }.sqlValue),
        \(event.request.map { $0.cut(toBytes: 2_000) }.sqlValue),
        \(event.response.map { $0.cut(toBytes: 2_000) }.sqlValue))
      """)
  }

  /// What happened to a change, oldest first.
  func history(
    of change: TimedID, account: AccountID, in transaction: any Transaction
  ) throws -> [ChangeEvent] {
    try transaction.query(
      """
      SELECT * FROM ad_change_history WHERE account_id = \(account) AND change_id = \(change.description)
      ORDER BY entry
      """
    ).map { row in
      try Self.historyTable.read(row) { row in
        ChangeEvent(
          at: try row.get("at"), actor: try row.get("actor"), event: try row.word("event"),
          state: try row.word("state"), detail: try row.getOptional("detail"),
          request: try row.getOptional("request"), response: try row.getOptional("response"))
      }
    }
  }

  // MARK: Retention

  /// Removes changes that ended before `moment`, with their history, at most `limit`, of every account.
  func removeEnded(before moment: Instant, limit: Int, in transaction: any Transaction) throws -> Int {
    try transaction.execute(
      """
      DELETE FROM pending_ad_changes WHERE (account_id, change_id) IN (
        SELECT account_id, change_id FROM pending_ad_changes WHERE finished_at < \(moment)
        ORDER BY finished_at LIMIT \(limit))
      """)
  }

  /// Removes batches made before `moment` whose changes have all been removed, at most `limit`, of every account.
  func removeBatches(before moment: Instant, limit: Int, in transaction: any Transaction) throws -> Int {
    try transaction.execute(
      """
      DELETE FROM ad_change_batches WHERE (account_id, batch_id) IN (
        SELECT b.account_id, b.batch_id FROM ad_change_batches b
        WHERE b.made_at < \(moment) AND NOT EXISTS (
          SELECT 1 FROM pending_ad_changes c WHERE c.account_id = b.account_id AND c.batch_id = b.batch_id)
        ORDER BY b.made_at LIMIT \(limit))
      """)
  }
}
