import Storage
import Values

/// The SQL of snapshots.
struct SnapshotRepository {
  /// The account's snapshot with this content that decisions by `policy` are based on.
  func number(
    of sha256: String, _ policy: Policy, account: AccountID, in transaction: any Transaction
  ) throws -> Int? {
    try transaction.first(
      """
      SELECT number FROM decision_snapshots
      WHERE account_id = \(account) AND policy = \(policy.rawValue) AND sha256 = \(sha256)
      """
    ).map { try $0.get("number") }
  }

  /// The account's latest snapshot that a decision by `policy` is based on.
  func latest(_ policy: Policy, of account: AccountID, in transaction: any Transaction) throws -> Int? {
    try transaction.first(
      """
      SELECT number FROM decision_snapshots WHERE account_id = \(account) AND policy = \(policy.rawValue)
      ORDER BY number DESC LIMIT 1
      """
    ).map { try $0.get("number") }
  }

  /// The rows needed to read snapshot `number`, oldest first: itself and those that its content is based on, at most as
  /// many as are ever needed.
  func chain(
    endingWith number: Int, of account: AccountID, in transaction: any Transaction
  ) throws -> [SnapshotRow] {
    let numbers = try transaction.query(
      """
      WITH RECURSIVE chain (number, base, place) AS (
        SELECT number, base, 1 FROM decision_snapshots WHERE account_id = \(account) AND number = \(number)
        UNION ALL
        SELECT s.number, s.base, c.place + 1 FROM decision_snapshots s JOIN chain c ON s.number = c.base
        WHERE s.account_id = \(account) AND c.place < \(SnapshotDraft.longestChain)
      )
      SELECT number FROM chain
      """
    ).map { try $0.get("number", as: Int.self) }
    return try transaction.query(
      """
      SELECT number, base, oldest, sha256, content FROM decision_snapshots
      WHERE account_id = \(account) AND number IN (\(.list(numbers))) ORDER BY number
      """
    ).map { row in
      SnapshotRow(
        number: try row.get("number"), base: try row.getOptional("base"), oldest: try row.get("oldest"),
        sha256: try row.get("sha256"), content: try row.get("content"))
    }
  }

  func exists(_ number: Int, of account: AccountID, in transaction: any Transaction) throws -> Bool {
    try transaction.first(
      "SELECT 1 AS found FROM decision_snapshots WHERE account_id = \(account) AND number = \(number)") != nil
  }

  /// Stores a snapshot and returns its number.
  func insert(
    _ draft: SnapshotDraft, _ policy: Policy, of account: AccountID, in transaction: any Transaction
  ) throws -> Int {
    let last: Int? = try transaction.first(
      "SELECT MAX(number) AS last FROM decision_snapshots WHERE account_id = \(account)")?.getOptional("last")
    let number = (last ?? 0) + 1
    try transaction.execute(
      """
      INSERT INTO decision_snapshots (account_id, number, policy, sha256, base, oldest, content)
      VALUES (
        \(account), \(number), \(policy.rawValue), \(draft.hashed.sha256), \((draft.base?.number).sqlValue),
        \(draft.base?.oldest ?? number), \(draft.content))
      """)
    return number
  }

  /// Removes the account's snapshots older than all that its decisions need.
  func removeUnneeded(of account: AccountID, in transaction: any Transaction) throws {
    let needed = try transaction.first(Self.oldestNeeded(of: account)).map { try $0.get("oldest", as: Int.self) }
    try transaction.execute(
      "DELETE FROM decision_snapshots WHERE account_id = \(account) AND number < \(needed ?? .max)")
  }

  /// The first snapshot that a decision of the account needs.
  static func oldestNeeded(of account: AccountID) -> SQL {
    """
    SELECT s.oldest FROM decision_snapshots s
    WHERE s.account_id = \(account) AND EXISTS (
      SELECT 1 FROM decision_outcomes o WHERE o.account_id = \(account) AND o.snapshot = s.number)
    ORDER BY s.oldest LIMIT 1
    """
  }
}
