import Storage
import Values

/// The SQL of the facts about HubSpot's deals.
struct HubSpotFactRepository {
  private static let factsAtOnce = 100

  /// Adds facts; existing ones stay unchanged.
  func add(
    _ facts: Set<HubSpotFact>, of dealID: String, account: AccountID, in transaction: any Transaction
  ) throws {
    let facts = Array(facts)
    for start in stride(from: 0, to: facts.count, by: Self.factsAtOnce) {
      let rows = facts[start..<min(start + Self.factsAtOnce, facts.count)].map { fact in
        [account.sqlValue, dealID.sqlValue, fact.property.sqlValue, fact.at.sqlValue, fact.value.sqlValue]
      }
      try transaction.execute(
        """
        INSERT INTO hubspot_facts (account_id, deal_id, property, occurred_at, value) VALUES \(.rows(rows))
        ON CONFLICT (account_id, deal_id, property, occurred_at, value) DO NOTHING
        """)
    }
  }

  /// Deletes up to `limit` deals that are in no stage or deleted and that nothing has been heard of since `moment`;
  /// returns how many.
  func removeGone(before moment: Instant, limit: Int, in transaction: any Transaction) throws -> Int {
    let gone = try transaction.query(
      """
      SELECT h.account_id, h.deal_id FROM hubspot_deals h
      WHERE h.worked_at < \(moment) AND NOT EXISTS (
          SELECT 1 FROM deals d WHERE d.account_id = h.account_id AND d.deal_id = h.deal_id)
        AND NOT EXISTS (
          SELECT 1 FROM hubspot_events e
          WHERE e.account_id = h.account_id AND e.deal_id = h.deal_id AND e.state = 'queued')
        AND NOT EXISTS (
          SELECT 1 FROM hubspot_facts f
          WHERE f.account_id = h.account_id AND f.deal_id = h.deal_id
            AND (f.occurred_at >= \(moment) OR f.property = \(HubSpotFact.mergedInto)))
      ORDER BY h.worked_at LIMIT \(limit)
      """)
    for row in gone {
      let (account, deal): (AccountID, String) = (try row.get("account_id"), try row.get("deal_id"))
      try transaction.execute("DELETE FROM hubspot_facts WHERE account_id = \(account) AND deal_id = \(deal)")
      try transaction.execute("DELETE FROM hubspot_deals WHERE account_id = \(account) AND deal_id = \(deal)")
    }
    return gone.count
  }

  /// The state of a deal after it was last processed.
  struct Worked: Hashable {
    let portalID: Int64
    /// What prevents counting the deal as HubSpot has it.
    let problem: String?
    /// When HubSpot had last changed the deal when it was read; nil for one that was never read.
    let modifiedAt: Instant?
    let configurationVersion: Int
  }

  /// The facts of a deal, and its state after it was last processed; nil for a deal that was not processed before.
  func known(
    _ dealID: String, of account: AccountID, in transaction: any Transaction
  ) throws -> (facts: Set<HubSpotFact>, worked: Worked?) {
    let rows = try transaction.query(
      """
      SELECT d.portal_id, d.problem, d.modified_at, d.configuration_version, f.property, f.value, f.occurred_at
      FROM (SELECT 1 AS one) AS one
        LEFT JOIN hubspot_deals d ON d.account_id = \(account) AND d.deal_id = \(dealID)
        LEFT JOIN hubspot_facts f ON f.account_id = \(account) AND f.deal_id = \(dealID)
      """)
    let facts = try rows.compactMap { row in
      try row.getOptional("property", as: String.self).map {
        HubSpotFact($0, try row.get("value"), at: try row.get("occurred_at"))
      }
    }
    return (Set(facts), try rows.first.flatMap(worked(from:)))
  }

  func worked(_ dealID: String, of account: AccountID, in transaction: any Transaction) throws -> Worked? {
    try transaction.first(
      """
      SELECT portal_id, problem, modified_at, configuration_version FROM hubspot_deals
      WHERE account_id = \(account) AND deal_id = \(dealID)
      """
    ).flatMap(worked(from:))
  }

  private func worked(from row: Row) throws -> Worked? {
    guard let portalID: Int64 = try row.getOptional("portal_id") else { return nil }
    return Worked(
      portalID: portalID, problem: try row.getOptional("problem"), modifiedAt: try row.getOptional("modified_at"),
      configurationVersion: try row.get("configuration_version"))
  }

  func save(
    _ worked: Worked, dealID: String, of account: AccountID, at now: Instant, in transaction: any Transaction
  ) throws {
    try transaction.execute(
      """
      INSERT INTO hubspot_deals (
        account_id, deal_id, portal_id, problem, configuration_version, modified_at, worked_at)
      VALUES (
        \(account), \(dealID), \(worked.portalID), \(worked.problem.sqlValue), \(worked.configurationVersion),
        \(worked.modifiedAt.sqlValue), \(now))
      ON CONFLICT (account_id, deal_id) DO UPDATE SET
        portal_id = excluded.portal_id, problem = excluded.problem,
        configuration_version = excluded.configuration_version,
        modified_at = excluded.modified_at, worked_at = excluded.worked_at
      """)
  }

  /// The deals that cannot be counted, or not as HubSpot has them, with the reason; the latest first.
  func held(
    of account: AccountID, limit: Int, in transaction: any Transaction
  ) throws -> [(dealID: String, problem: String)] {
    try transaction.query(
      """
      SELECT deal_id, problem FROM hubspot_deals WHERE account_id = \(account) AND problem IS NOT NULL
      ORDER BY worked_at DESC, deal_id LIMIT \(limit)
      """
    ).map { (try $0.get("deal_id"), try $0.get("problem")) }
  }

  /// The deals processed under another version of the configuration, at most `limit`.
  func outdated(
    version: Int, of account: AccountID, limit: Int, in transaction: any Transaction
  ) throws -> [(dealID: String, portalID: Int64)] {
    try transaction.query(
      """
      SELECT deal_id, portal_id FROM hubspot_deals
      WHERE account_id = \(account) AND configuration_version <> \(version) ORDER BY deal_id LIMIT \(limit)
      """
    ).map { (try $0.get("deal_id"), try $0.get("portal_id")) }
  }
}
