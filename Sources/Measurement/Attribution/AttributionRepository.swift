import Storage
import Values

/// The SQL of clicks and attributions.
struct AttributionRepository {
  private static let table = StoredTable("attributions", key: "account_id", "deal_id")

  /// A deal's attribution with its evidence.
  struct Stored {
    let dealID: String
    let attribution: Attribution
    let evidence: AttributionEvidence
    let at: Instant
  }

  /// Stores a click; only the first report of a click counts. Returns whether it is new.
  func insert(_ click: Click, of account: AccountID, in transaction: any Transaction) throws -> Bool {
    try transaction.execute(
      """
      INSERT INTO clicks (account_id, click_id, ad_id, clicked_at)
      VALUES (\(account), \(click.id), \(click.adID), \(click.clickedAt))
      ON CONFLICT (account_id, click_id) DO NOTHING
      """) > 0
  }

  func click(_ id: String, of account: AccountID, in transaction: any Transaction) throws -> Click? {
    try transaction.first(
      "SELECT ad_id, clicked_at FROM clicks WHERE account_id = \(account) AND click_id = \(id)"
    ).map { Click(id: id, adID: try $0.get("ad_id"), clickedAt: try $0.get("clicked_at")) }
  }

  func save(_ stored: Stored, of account: AccountID, in transaction: any Transaction) throws {
    let evidence = AttributionEvidenceCoding.text(of: stored.evidence)
    try transaction.execute(
      """
      INSERT INTO attributions (account_id, deal_id, ad_id, method, confidence, reason, evidence, attributed_at)
      VALUES (
        \(account), \(stored.dealID), \(stored.attribution.adID.sqlValue),
        \((stored.attribution.method?.rawValue).sqlValue), \(stored.attribution.confidence),
        \(stored.attribution.reason), \(evidence), \(stored.at))
      ON CONFLICT (account_id, deal_id) DO UPDATE SET
        ad_id = excluded.ad_id, method = excluded.method, confidence = excluded.confidence,
        reason = excluded.reason, evidence = excluded.evidence, attributed_at = excluded.attributed_at
      """)
    try transaction.execute("DELETE FROM awaited_clicks WHERE account_id = \(account) AND deal_id = \(stored.dealID)")
    for id in stored.evidence.crm.clickIDs + stored.evidence.reported.clickIDs {
      try transaction.execute(
        """
        INSERT INTO awaited_clicks (account_id, click_id, deal_id) VALUES (\(account), \(id), \(stored.dealID))
        ON CONFLICT (account_id, click_id, deal_id) DO NOTHING
        """)
    }
  }

  func delete(_ dealID: String, of account: AccountID, in transaction: any Transaction) throws {
    try transaction.execute("DELETE FROM attributions WHERE account_id = \(account) AND deal_id = \(dealID)")
    try transaction.execute("DELETE FROM awaited_clicks WHERE account_id = \(account) AND deal_id = \(dealID)")
  }

  /// The deals whose contacts carry a click.
  func deals(
    carrying clickID: String, of account: AccountID, in transaction: any Transaction
  ) throws -> [String] {
    try transaction.query(
      """
      SELECT deal_id FROM awaited_clicks WHERE account_id = \(account) AND click_id = \(clickID) ORDER BY deal_id
      """
    ).map { try $0.get("deal_id") }
  }

  /// Removes up to `limit` clicks from before `moment` that no deal carries; returns how many.
  func removeClicks(before moment: Instant, limit: Int, in transaction: any Transaction) throws -> Int {
    try transaction.execute(
      """
      DELETE FROM clicks WHERE (account_id, click_id) IN (
        SELECT c.account_id, c.click_id FROM clicks c
        WHERE c.clicked_at < \(moment) AND NOT EXISTS (
          SELECT 1 FROM awaited_clicks a WHERE a.account_id = c.account_id AND a.click_id = c.click_id)
        ORDER BY c.clicked_at LIMIT \(limit))
      """)
  }

  /// The account's attributions, latest first; with `credited` false, those to no ad.
  func list(
    of account: AccountID, credited: Bool?, limit: Int, in transaction: any Transaction
  ) throws -> [Stored] {
    let condition: SQL =
      switch credited {
      case true?: " AND ad_id IS NOT NULL"
      case false?: " AND ad_id IS NULL"
      case nil: ""
      }
    return try transaction.query(
      """
      SELECT deal_id, ad_id AS credited_ad_id, method, reason, evidence, attributed_at FROM attributions
      WHERE account_id = \(account)\(condition)
      ORDER BY attributed_at DESC, deal_id LIMIT \(limit)
      """
    ).compactMap { try Self.stored(from: $0, dealID: $0.get("deal_id"), of: account) }
  }

  /// The deal's attribution in a row; nil for a row of a join that has none. Its columns are those of the table, except
  /// for `credited_ad_id`.
  static func stored(from row: Row, dealID: String, of account: AccountID) throws -> Stored? {
    try table.read(key: [account.value, dealID]) {
      guard let reason: String = try row.getOptional("reason") else { return nil }
      let method: AttributionMethod? =
        try row.getOptional("method", as: String.self) == nil ? nil : row.word("method")
      return Stored(
        dealID: dealID,
        attribution: Attribution(adID: try row.getOptional("credited_ad_id"), method: method, reason: reason),
        evidence: try AttributionEvidenceCoding.read(row.get("evidence")), at: try row.get("attributed_at"))
    }
  }
}
