import Execution
import Storage
import Values

/// Which changes of an account to list.
package struct AdChangeFilter: Hashable, Sendable {
  package var state: ChangeState?
  package var batch: TimedID?
  /// Only changes proposed before this one.
  package var before: TimedID?
  package var limit = 100

  package init() {}
}

/// The SQL for reading and proposing changes and batches.
struct AdChangeRepository: Sendable {
  let amounts: ChangeAmounts

  static let table = StoredTable("pending_ad_changes", key: "account_id", "change_id")
  private static let batches = StoredTable("ad_change_batches", key: "account_id", "batch_id")

  /// Amounts are in `currency`.
  init(_ currency: Currency) {
    amounts = ChangeAmounts(currency: currency)
  }

  func insert(_ batch: ChangeBatch, of account: AccountID, in transaction: any Transaction) throws {
    try transaction.execute(
      """
      INSERT INTO ad_change_batches (
        account_id, batch_id, made_at, made_by, decision_id, total_budget, changes, note, refusals)
      VALUES (
        \(account), \(batch.id.description), \(batch.madeAt), \(batch.madeBy), \(batch.decisionID.sqlValue),
        \(amounts.money(batch.totalBudget).sqlValue), \(batch.changes), \(batch.note.cut(toBytes: 2_000)),
        \(RefusalCoding.text(batch.refusals)))
      """)
  }

  func insert(_ change: AdChangeDraft, of account: AccountID, in transaction: any Transaction) throws {
    let (budgets, effect) = (change.action.budgets, change.effect)
    try transaction.execute(
      """
      INSERT INTO pending_ad_changes (
        account_id, change_id, batch_id, decision_id, origin, object_id, level, object_name, kind, part,
        current_budget, target_budget, apply_rank, reason, effect_spend, effect_revenue, effect_revenue_low,
        effect_revenue_high, delivery_share, learning, ads, total_limit, proposed_at, proposed_by, expires_at,
        rollback_of, state, state_reason, not_before)
      VALUES (
        \(account), \(change.id.description), \(change.batchID.description), \(change.decisionID.sqlValue),
        \(change.origin.rawValue), \(change.object.value), \(change.level.rawValue),
        \(change.name.map { $0.cut(toBytes: 500) }.sqlValue), \(change.action.kind.rawValue),
        \(change.action.kind.isStatus ? "status" : "budget"), \(amounts.money(budgets?.from).sqlValue),
        \(amounts.money(budgets?.to).sqlValue), \(change.rank), \(change.reason.cut(toBytes: 2_000)),
        \(amounts.money(effect.spend)), \(amounts.money(effect.revenue?.mean).sqlValue),
        \(amounts.money(effect.revenue?.low).sqlValue), \(amounts.money(effect.revenue?.high).sqlValue),
        \(change.deliveryShare.value), \(change.learning.rawValue), \(change.ads.joined(separator: " ")),
        \(amounts.money(change.totalLimit).sqlValue), \(change.proposedAt), \(change.proposedBy), \(change.expiresAt),
        \((change.rollbackOf?.description).sqlValue), \(ChangeState.proposed.rawValue),
        \(change.stateReason.map { $0.cut(toBytes: 2_000) }.sqlValue), \(change.notBefore.sqlValue))
      """)
  }

  func get(_ id: TimedID, of account: AccountID, in transaction: any Transaction) throws -> PendingAdChange? {
    try transaction.first(
      "SELECT * FROM pending_ad_changes WHERE account_id = \(account) AND change_id = \(id.description)"
    ).map(change(from:))
  }

  /// The account's changes, latest first.
  func list(
    _ filter: AdChangeFilter, of account: AccountID, in transaction: any Transaction
  ) throws -> [PendingAdChange] {
    let state: SQL = filter.state.map { " AND state = \($0.rawValue)" } ?? ""
    let batch: SQL = filter.batch.map { " AND batch_id = \($0.description)" } ?? ""
    let before: SQL = filter.before.map { " AND change_id < \($0.description)" } ?? ""
    return try transaction.query(
      """
      SELECT * FROM pending_ad_changes WHERE account_id = \(account)\(state)\(batch)\(before)
      ORDER BY change_id DESC LIMIT \(filter.limit)
      """
    ).map(change(from:))
  }

  /// A batch's changes, in the order in which they are applied.
  func changes(
    ofBatch id: TimedID, account: AccountID, in transaction: any Transaction
  ) throws -> [PendingAdChange] {
    try transaction.query(
      """
      SELECT * FROM pending_ad_changes WHERE account_id = \(account) AND batch_id = \(id.description)
      ORDER BY apply_rank, change_id
      """
    ).map(change(from:))
  }

  /// The targets of open changes: nothing else is proposed for them.
  func openTargets(of account: AccountID, in transaction: any Transaction) throws -> Set<ChangeTarget> {
    let rows = try transaction.query(
      """
      SELECT change_id, object_id, kind FROM pending_ad_changes
      WHERE account_id = \(account) AND state IN ('proposed', 'approved', 'claimed', 'applying')
      """)
    return try rows.reduce(into: []) { targets, row in
      targets.insert(
        try Self.table.read(row, of: account) { ChangeTarget(try Self.object(from: $0), try Self.kind(from: $0)) })
    }
  }

  /// The open changes to the same part of an object: at most one.
  func open(_ target: ChangeTarget, of account: AccountID, in transaction: any Transaction) throws -> [PendingAdChange]
  {
    try transaction.query(
      """
      SELECT * FROM pending_ad_changes
      WHERE account_id = \(account) AND object_id = \(target.object.value)
        AND part = \(target.isStatus ? "status" : "budget") AND state IN ('proposed', 'approved', 'claimed', 'applying')
      """
    ).map(change(from:))
  }

  /// The changes that were written since `moment`, or may have been, as the limits count them.
  func writes(of account: AccountID, since moment: Instant, in transaction: any Transaction) throws -> [PastWrite] {
    try transaction.query(
      """
      SELECT change_id, object_id, kind, current_budget, target_budget, applying_at, finished_at, ads_paused, delivery_paused
      FROM pending_ad_changes
      WHERE account_id = \(account) AND applying_at >= \(moment) AND (was_written IS NULL OR was_written)
      ORDER BY applying_at, change_id
      """
    ).map { row in
      try Self.table.read(row, of: account) { row in
        PastWrite(
          object: try Self.object(from: row), action: try action(from: row), at: try row.get("applying_at"),
          settledAt: try row.getOptional("finished_at"),
          adsPaused: try row.get("ads_paused"), deliveryPaused: Share(rounding: try row.get("delivery_paused")))
      }
    }
  }

  /// The changes that were written, undone or rejected and ended since `moment`, in the order in which they ended.
  func ended(of account: AccountID, since moment: Instant, in transaction: any Transaction) throws -> [EndedChange] {
    try transaction.query(
      """
      SELECT change_id, object_id, kind, origin, state, finished_at FROM pending_ad_changes
      WHERE account_id = \(account) AND finished_at >= \(moment) AND state IN ('verified', 'rolled_back', 'rejected')
      ORDER BY finished_at, change_id
      """
    ).map { row in
      try Self.table.read(row, of: account) { row in
        EndedChange(
          id: try row.timedID("change_id"), object: try Self.object(from: row), kind: try Self.kind(from: row),
          origin: try row.word("origin"), state: try row.word("state"), endedAt: try row.get("finished_at"))
      }
    }
  }

  /// The account's batches, latest first; only those made before `id`.
  func batches(
    of account: AccountID, before id: TimedID?, limit: Int, in transaction: any Transaction
  ) throws -> [ChangeBatch] {
    let before: SQL = id.map { " AND batch_id < \($0.description)" } ?? ""
    return try transaction.query(
      """
      SELECT * FROM ad_change_batches WHERE account_id = \(account)\(before) ORDER BY batch_id DESC LIMIT \(limit)
      """
    ).map(batch(from:))
  }

  func batch(_ id: TimedID, of account: AccountID, in transaction: any Transaction) throws -> ChangeBatch? {
    try transaction.first(
      "SELECT * FROM ad_change_batches WHERE account_id = \(account) AND batch_id = \(id.description)"
    ).map(batch(from:))
  }

  // MARK: Rows

  private func change(from row: Row) throws -> PendingAdChange {
    try Self.table.read(row, readChange)
  }

  private func readChange(_ row: Row) throws -> PendingAdChange {
    let revenue = try amounts.minorUnitsIfAny("effect_revenue", row).map { mean in
      ExpectedEffect.Estimate(
        mean: mean, low: try amounts.minorUnits("effect_revenue_low", row),
        high: try amounts.minorUnits("effect_revenue_high", row))
    }
    return PendingAdChange(
      id: try row.timedID("change_id"), batchID: try row.timedID("batch_id"),
      decisionID: try row.getOptional("decision_id"), origin: try row.word("origin"),
      object: try Self.object(from: row), level: try row.word("level"), name: try row.getOptional("object_name"),
      action: try action(from: row), rank: try row.get("apply_rank"), reason: try row.get("reason"),
      effect: ExpectedEffect(spend: try amounts.minorUnits("effect_spend", row), revenue: revenue),
      deliveryShare: Share(rounding: try row.get("delivery_share")), learning: try row.word("learning"),
      ads: try row.get("ads", as: String.self).split(separator: " ").map(String.init),
      totalLimit: try amounts.minorUnitsIfAny("total_limit", row), proposedAt: try row.get("proposed_at"),
      proposedBy: try row.get("proposed_by"), expiresAt: try row.get("expires_at"),
      rollbackOf: try row.timedIDIfAny("rollback_of"), state: try row.word("state"),
      stateReason: try row.getOptional("state_reason"),
      notBefore: try row.getOptional("not_before"), approvedAt: try row.getOptional("approved_at"),
      approvedBy: try row.getOptional("approved_by"), applyingAt: try row.getOptional("applying_at"),
      finishedAt: try row.getOptional("finished_at"), rolledBackBy: try row.timedIDIfAny("rolled_back_by"))
  }

  private func action(from row: Row) throws -> ChangeAction {
    switch try Self.kind(from: row) {
    case .pause: .pause
    case .activate: .activate
    case .setBudget:
      .setBudget(
        from: try amounts.minorUnits("current_budget", row), to: try amounts.minorUnits("target_budget", row))
    }
  }

  private func batch(from row: Row) throws -> ChangeBatch {
    try Self.batches.read(row) { row in
      ChangeBatch(
        id: try row.timedID("batch_id"), madeAt: try row.get("made_at"), madeBy: try row.get("made_by"),
        decisionID: try row.getOptional("decision_id"),
        totalBudget: try amounts.minorUnitsIfAny("total_budget", row), changes: try row.get("changes"),
        note: try row.get("note"), refusals: try RefusalCoding.read(try row.get("refusals")))
    }
  }

  private static func object(from row: Row) throws -> ObjectID {
    guard let id = ObjectID(try row.get("object_id")) else { throw DatabaseError.unreadableColumn("object_id") }
    return id
  }

  private static func kind(from row: Row) throws -> ChangeKind {
    try row.word("kind")
  }
}

extension ChangeAction {
  /// The amounts of a budget change; nil for other changes.
  var budgets: (from: Int64, to: Int64)? {
    guard case .setBudget(let from, let to) = self else { return nil }
    return (from, to)
  }
}
