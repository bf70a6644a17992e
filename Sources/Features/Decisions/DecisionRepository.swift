import Database
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
  }

  func get(_ id: DecisionID, in transaction: any Transaction) throws -> DecisionRecord? {
    try transaction.first(
      "SELECT * FROM decisions WHERE account_id = \(id.accountID) AND decision_id = \(id.token)"
    ).map { row in
      guard let seed = UInt64(exactly: try row.get("seed", as: Int64.self)) else {
        throw DatabaseError.unreadableColumn("seed")
      }
      return DecisionRecord(
        id: id, decidedAt: try row.get("decided_at"), author: try row.get("author"),
        policyVersion: try row.get("policy_version"),
        configurationVersion: try row.get("configuration_version"),
        seed: seed, totalBudget: try row.get("total_budget"),
        inputs: try row.get("inputs"), configuration: try row.get("configuration"), result: try row.get("result"))
    }
  }
}
