import RemoteAPIs
import Storage
import Values

/// The SQL of campaigns, ad sets and ads as read from Meta.
struct AdObjectRepository {
  private static let columns: SQL = """
    kind, object_id, campaign_id, ad_set_id, name, status, effective_status, daily_budget, lifetime_budget,
    has_budget_schedules, budget_schedules, shares_budgets, spend_cap, learning_stage, learning_conversions,
    learning_edit_at, starts_at, ends_at, updated_at
    """

  /// All of the account's objects, by kind and id.
  func all(of account: AccountID, in transaction: any Transaction) throws -> [AdObject] {
    var objects: [AdObject] = []
    try transaction.forEach(
      "SELECT \(Self.columns) FROM ad_objects WHERE account_id = \(account) ORDER BY kind, object_id"
    ) { objects.append(try Self.object(from: $0)) }
    return objects
  }

  func get(
    _ kind: AdObject.Kind, _ id: MetaID, of account: AccountID, in transaction: any Transaction
  ) throws -> AdObject? {
    try transaction.first(
      """
      SELECT \(Self.columns) FROM ad_objects
      WHERE account_id = \(account) AND kind = \(kind.rawValue) AND object_id = \(id.value)
      """
    ).map(Self.object(from:))
  }

  /// Stores the current state of objects. Unchanged ones keep the moment of their last change.
  func save(
    _ objects: [AdObject], of account: AccountID, at now: Instant, in transaction: any Transaction
  ) throws {
    let hole = SQLValue.null
    let insert = try transaction.prepare(
      """
      INSERT INTO ad_objects AS o (account_id, changed_at, \(Self.columns))
      VALUES (
        \(hole), \(hole), \(hole), \(hole), \(hole), \(hole), \(hole), \(hole), \(hole), \(hole), \(hole), \(hole),
        \(hole), \(hole), \(hole), \(hole), \(hole), \(hole), \(hole), \(hole), \(hole))
      ON CONFLICT (account_id, kind, object_id) DO UPDATE SET
        campaign_id = excluded.campaign_id, ad_set_id = excluded.ad_set_id, name = excluded.name,
        status = excluded.status, effective_status = excluded.effective_status, daily_budget = excluded.daily_budget,
        lifetime_budget = excluded.lifetime_budget, has_budget_schedules = excluded.has_budget_schedules,
        budget_schedules = excluded.budget_schedules, shares_budgets = excluded.shares_budgets,
        spend_cap = excluded.spend_cap, learning_stage = excluded.learning_stage,
        learning_conversions = excluded.learning_conversions, learning_edit_at = excluded.learning_edit_at,
        starts_at = excluded.starts_at, ends_at = excluded.ends_at, updated_at = excluded.updated_at,
        changed_at = excluded.changed_at
      """)
    try insert.execute(each: objects.map { [account.sqlValue, now.sqlValue] + Self.values(of: $0) })
  }

  /// Deletes all of the account's objects.
  func removeAll(of account: AccountID, in transaction: any Transaction) throws {
    try transaction.execute("DELETE FROM ad_objects WHERE account_id = \(account)")
  }

  /// Deletes up to `limit` objects, over all accounts, that were deleted at Meta before `moment`; returns how many.
  func removeDeleted(before moment: Instant, limit: Int, in transaction: any Transaction) throws -> Int {
    try transaction.execute(
      """
      DELETE FROM ad_objects WHERE (account_id, kind, object_id) IN (
        SELECT account_id, kind, object_id FROM ad_objects
        WHERE effective_status = 'DELETED' AND changed_at < \(moment) LIMIT \(limit))
      """)
  }

  private static func values(of object: AdObject) -> [SQLValue] {
    [
      object.kind.rawValue.sqlValue, object.id.value.sqlValue, (object.campaignID?.value).sqlValue,
      (object.adSetID?.value).sqlValue, object.name.sqlValue, object.status.sqlValue,
      (object.effectiveStatus?.rawValue).sqlValue, object.dailyBudget.sqlValue, object.lifetimeBudget.sqlValue,
      object.hasBudgetSchedules.sqlValue, AdObjectCoding.text(object.budgetSchedules).sqlValue,
      object.sharesBudgets.sqlValue, object.spendCap.sqlValue, (object.learning?.stage?.rawValue).sqlValue,
      (object.learning?.conversions).sqlValue, (object.learning?.lastSignificantEditAt).sqlValue,
      object.startsAt.sqlValue, object.endsAt.sqlValue, object.updatedAt.sqlValue,
    ]
  }

  private static func object(from row: Row) throws -> AdObject {
    guard let kind = AdObject.Kind(rawValue: try row.get("kind")), let id = MetaID(try row.get("object_id")) else {
      throw DatabaseError.unreadableColumn("object_id")
    }
    let number = { (name: String) throws -> MetaID? in
      try row.getOptional(name, as: String.self).flatMap(MetaID.init)
    }
    var object = AdObject(
      kind: kind, id: id, campaignID: try number("campaign_id"), adSetID: try number("ad_set_id"),
      name: try row.get("name"), status: try row.get("status"),
      effectiveStatus: try row.getOptional("effective_status", as: String.self)
        .flatMap(MetaEffectiveStatus.init(rawValue:)))
    object.dailyBudget = try row.getOptional("daily_budget")
    object.lifetimeBudget = try row.getOptional("lifetime_budget")
    object.hasBudgetSchedules = try row.get("has_budget_schedules")
    guard let schedules = AdObjectCoding.schedules(try row.get("budget_schedules")) else {
      throw DatabaseError.unreadableColumn("budget_schedules")
    }
    object.budgetSchedules = schedules
    object.sharesBudgets = try row.get("shares_budgets")
    object.spendCap = try row.getOptional("spend_cap")
    object.learning = try learning(from: row)
    object.startsAt = try row.getOptional("starts_at")
    object.endsAt = try row.getOptional("ends_at")
    object.updatedAt = try row.getOptional("updated_at")
    return object
  }

  private static func learning(from row: Row) throws -> MetaLearning? {
    let learning = MetaLearning(
      stage: try row.getOptional("learning_stage", as: String.self).flatMap(MetaLearning.Stage.init(rawValue:)),
      conversions: try row.getOptional("learning_conversions"),
      lastSignificantEditAt: try row.getOptional("learning_edit_at"))
    return learning == MetaLearning(stage: nil, conversions: nil, lastSignificantEditAt: nil) ? nil : learning
  }
}
