import Accounts
import Crypto
import Storage
import Values

/// The SQL of decisions.
struct DecisionRepository {
  func insert(_ decision: DecisionRecord, in transaction: any Transaction) throws {
    try transaction.execute(
      """
      INSERT INTO decisions (
        account_id, decision_id, decided_at, author, policy_version, configuration_version, seed, total_budget, inputs,
        configuration, result)
      VALUES (
        \(decision.id.accountID), \(decision.id.token), \(decision.decidedAt), \(decision.author),
        \(decision.policyVersion),
        \(decision.configurationVersion), \(Int64(decision.seed)), \(decision.totalBudget), \(decision.inputs),
        \(decision.configuration), \(decision.result))
      """)
    guard let outcome = decision.outcome else { return }
    try transaction.execute(
      """
      INSERT INTO decision_outcomes (account_id, decision_id, snapshot, result_sha256, recommendations)
      VALUES (
        \(decision.id.accountID), \(decision.id.token), \(outcome.snapshot), \(outcome.resultSHA256),
        \(outcome.recommendations))
      """)
  }

  /// The ids of up to `limit` decisions that `retention` no longer keeps, oldest first.
  func expired(
    of account: AccountID, _ retention: DecisionRetention, at now: Instant, limit: Int, in transaction: any Transaction
  ) throws -> [DecisionID] {
    let surplus = try transaction.first(Self.surplus(of: account, retention))
    let start = now.adding(seconds: -86_400 * Int64(retention.days))
    var condition: SQL = "decided_at < \(start)"
    if let surplus, case let moment:Instant = try surplus.get("decided_at"), moment >= start {
      condition = "(decided_at, decision_id) <= (\(moment), \(try surplus.get("decision_id", as: String.self)))"
    }
    let old = try transaction.query(Self.oldest(of: account, condition, limit: limit))
    return try old.compactMap { DecisionID("\(account):\(try $0.get("decision_id", as: String.self))") }
  }

  /// The latest decision in excess of the retention's count.
  static func surplus(of account: AccountID, _ retention: DecisionRetention) -> SQL {
    """
    SELECT decided_at, decision_id FROM decisions WHERE account_id = \(account)
    ORDER BY decided_at DESC, decision_id DESC LIMIT 1 OFFSET \(retention.count)
    """
  }

  /// The account's oldest decisions that meet `condition`.
  static func oldest(of account: AccountID, _ condition: SQL, limit: Int) -> SQL {
    """
    SELECT decision_id FROM decisions WHERE account_id = \(account) AND \(condition)
    ORDER BY decided_at, decision_id LIMIT \(limit)
    """
  }

  /// Removes a decision and stores what the audit needs of it.
  func remove(_ id: DecisionID, at now: Instant, in transaction: any Transaction) throws {
    guard let decision = try get(id, in: transaction) else { return }
    try transaction.execute(
      """
      INSERT INTO removed_decisions (
        account_id, decision_id, decided_at, author, policy_version, configuration_version, seed, total_budget,
        result_sha256, removed_at)
      VALUES (
        \(id.accountID), \(id.token), \(decision.decidedAt), \(decision.author), \(decision.policyVersion),
        \(decision.configurationVersion), \(Int64(decision.seed)), \(decision.totalBudget),
        \(decision.outcome?.resultSHA256 ?? Hex.text(SHA256.hash(data: Array(decision.result.utf8)))), \(now))
      """)
    try transaction.execute(
      "DELETE FROM decisions WHERE account_id = \(id.accountID) AND decision_id = \(id.token)")
  }

  /// What remains of a removed decision.
  func removed(_ id: DecisionID, in transaction: any Transaction) throws -> RemovedDecision? {
    try transaction.first(
      """
      SELECT decided_at, policy_version, total_budget, removed_at FROM removed_decisions
      WHERE account_id = \(id.accountID) AND decision_id = \(id.token)
      """
    ).map {
      RemovedDecision(
        id: id, decidedAt: try $0.get("decided_at"), policyVersion: try $0.get("policy_version"),
        totalBudget: try $0.get("total_budget"), removedAt: try $0.get("removed_at"))
    }
  }

  /// Deletes what remains of decisions made before `moment`, at most `limit`; returns how many.
  func forgetRemoved(before moment: Instant, limit: Int, in transaction: any Transaction) throws -> Int {
    try transaction.execute(
      """
      DELETE FROM removed_decisions WHERE (account_id, decision_id) IN (
        SELECT account_id, decision_id FROM removed_decisions WHERE decided_at < \(moment)
        ORDER BY decided_at LIMIT \(limit))
      """)
  }

  /// How many decisions of the account are stored.
  func count(of account: AccountID, in transaction: any Transaction) throws -> Int {
    try transaction.first("SELECT COUNT(*) AS n FROM decisions WHERE account_id = \(account)")?.get("n") ?? 0
  }

  func get(_ id: DecisionID, in transaction: any Transaction) throws -> DecisionRecord? {
    try transaction.first(
      """
      SELECT d.*, o.snapshot, o.result_sha256, o.recommendations
      FROM decisions d
      LEFT JOIN decision_outcomes o ON o.account_id = d.account_id AND o.decision_id = d.decision_id
      WHERE d.account_id = \(id.accountID) AND d.decision_id = \(id.token)
      """
    ).map { row in
      try DecisionRecord.table.read(row) { row in
        guard let seed = UInt64(exactly: try row.get("seed", as: Int64.self)) else {
          throw DatabaseError.unreadableColumn("seed")
        }
        return DecisionRecord(
          id: id, decidedAt: try row.get("decided_at"), author: try row.get("author"),
          policyVersion: try row.get("policy_version"),
          configurationVersion: try row.get("configuration_version"),
          seed: seed, totalBudget: try row.get("total_budget"),
          inputs: try row.get("inputs"), configuration: try row.get("configuration"), result: try row.get("result"),
          outcome: try row.getOptional("snapshot", as: Int.self).map { snapshot in
            DecisionOutcome(
              snapshot: snapshot, resultSHA256: try row.get("result_sha256"),
              recommendations: try row.get("recommendations"))
          })
      }
    }
  }
}
