import RemoteAPIs
import Storage
import Values

/// The SQL of HubSpot's events and portals.
struct HubSpotEventRepository {
  private static let table = StoredTable("hubspot_events", key: "portal_id", "event_key", "deal_id")

  /// The account that a portal belongs to.
  func account(ofPortal portalID: Int64, in transaction: any Transaction) throws -> AccountID? {
    try transaction.first("SELECT account_id FROM hubspot_portals WHERE portal_id = \(portalID)")
      .map { try $0.get("account_id") }
  }

  /// The account that all mapped portals belong to; nil where there is none, or more than one.
  func onlyAccount(in transaction: any Transaction) throws -> AccountID? {
    let row = try transaction.first("SELECT MIN(account_id) AS first, MAX(account_id) AS last FROM hubspot_portals")
    guard let row, let first: AccountID = try row.getOptional("first") else { return nil }
    return try row.get("last") == first ? first : nil
  }

  /// A statement that inserts an event's row, to be executed with ``values(_:account:state:at:)``. It changes nothing
  /// where the event is there already.
  func insertion(in transaction: any Transaction) throws -> any PreparedStatement {
    let hole = SQLValue.null
    return try transaction.prepare(
      """
      INSERT INTO hubspot_events (
        portal_id, event_key, deal_id, account_id, state, subscription_type, kind, property, value, merged_into,
        occurred_at, received_at, signer)
      VALUES (
        \(hole), \(hole), \(hole), \(hole), \(hole), \(hole), \(hole), \(hole), \(hole), \(hole), \(hole), \(hole), \(hole))
      ON CONFLICT (portal_id, event_key, deal_id) DO NOTHING
      """)
  }

  func values(
    _ event: HubSpotEventRecord, account: AccountID?, state: State, at now: Instant
  ) -> [SQLValue] {
    [
      event.portalID.sqlValue, event.key.sqlValue, event.dealID.sqlValue, account.sqlValue, state.rawValue.sqlValue,
      event.subscriptionType.sqlValue, event.kind.rawValue.sqlValue, event.property.sqlValue, event.value.sqlValue,
      event.mergedInto.sqlValue, event.occurredAt.sqlValue, now.sqlValue, (event.signer?.text).sqlValue,
    ]
  }

  /// The processing state of an event.
  enum State: String {
    case parked, queued, applied, ignored
  }

  /// Marks the events waiting for a deal as applied and returns them, in order of time.
  func takeQueued(
    _ dealID: String, of account: AccountID, in transaction: any Transaction
  ) throws -> [HubSpotEventRecord] {
    try transaction.query(
      """
      UPDATE hubspot_events SET state = 'applied'
      WHERE account_id = \(account) AND deal_id = \(dealID) AND state = 'queued'
      RETURNING portal_id, event_key, deal_id, kind, subscription_type, property, value, merged_into, occurred_at, signer
      """
    ).map { try Self.table.read($0, record(from:)) }.sorted { ($0.occurredAt, $0.key) < ($1.occurredAt, $1.key) }
  }

  /// Marks events as not the account's.
  func ignore(_ events: [HubSpotEventRecord], of account: AccountID, in transaction: any Transaction) throws {
    // One by one: with a list of keys, SQLite would search all events of the account.
    let mark = try transaction.prepare(
      """
      UPDATE hubspot_events SET state = 'ignored'
      WHERE portal_id = \(SQLValue.null) AND event_key = \(SQLValue.null) AND deal_id = \(SQLValue.null)
        AND account_id = \(SQLValue.null)
      """)
    try mark.execute(
      each: events.map { [$0.portalID.sqlValue, $0.key.sqlValue, $0.dealID.sqlValue, account.sqlValue] })
  }

  /// The deals of events that have not been processed.
  func dealsToDo(of account: AccountID, in transaction: any Transaction) throws -> [String] {
    try transaction.query(
      """
      SELECT DISTINCT deal_id FROM hubspot_events WHERE account_id = \(account) AND state = 'queued' ORDER BY deal_id
      """
    ).map { try $0.get("deal_id") }
  }

  /// Maps a portal to an account, with every event waiting for that; returns their deals.
  func map(
    portal portalID: Int64, to account: AccountID, at now: Instant, in transaction: any Transaction
  ) throws -> [String] {
    try transaction.execute(
      """
      INSERT INTO hubspot_portals (portal_id, account_id, mapped_at) VALUES (\(portalID), \(account), \(now))
      """)
    try transaction.execute(
      """
      UPDATE hubspot_events SET account_id = \(account), state = CASE deal_id WHEN '' THEN 'ignored' ELSE 'queued' END
      WHERE portal_id = \(portalID) AND state = 'parked'
      """)
    return try dealsToDo(of: account, in: transaction)
  }

  /// The mapped portals, and the results of reconciling them.
  func portals(of account: AccountID?, in transaction: any Transaction) throws -> [HubSpotPortal] {
    let condition: SQL = account.map { " WHERE account_id = \($0)" } ?? ""
    return try transaction.query("SELECT * FROM hubspot_portals\(condition) ORDER BY portal_id").map { row in
      HubSpotPortal(
        id: try row.get("portal_id"), accountID: try row.get("account_id"),
        reconciledUntil: try row.getOptional("reconciled_until"), reconciledAt: try row.getOptional("reconciled_at"),
        dealsChecked: try row.get("deals_checked"), dealsRepaired: try row.get("deals_repaired"),
        adsRepaired: try row.get("ads_repaired"))
    }
  }

  /// Adds to the results of reconciling a portal.
  func count(
    _ progress: HubSpotReconciliation, ofPortal portalID: Int64, account: AccountID, at now: Instant,
    in transaction: any Transaction
  ) throws {
    try transaction.execute(
      """
      UPDATE hubspot_portals SET
        reconciled_until = COALESCE(\(progress.until.sqlValue), reconciled_until),
        reconciled_at = CASE WHEN \(progress.isWhole) THEN \(now) ELSE reconciled_at END,
        deals_checked = deals_checked + \(progress.dealsChecked),
        deals_repaired = deals_repaired + \(progress.dealsRepaired),
        ads_repaired = ads_repaired + \(progress.adsRepaired)
      WHERE portal_id = \(portalID) AND account_id = \(account)
      """)
  }

  /// How many events there are in each state, and how many wait for any portal to be mapped.
  func counts(of account: AccountID, in transaction: any Transaction) throws -> [State: Int] {
    try transaction.query(
      "SELECT state, COUNT(*) AS events FROM hubspot_events WHERE account_id = \(account) GROUP BY state"
    ).reduce(into: [:]) { counts, row in
      let (state, events): (State, Int) = try Self.table.read(row) { (try $0.word("state"), try $0.get("events")) }
      counts[state] = events
    }
  }

  /// The unmapped portals, with the number of waiting events.
  func unmappedPortals(in transaction: any Transaction) throws -> [(portalID: Int64, events: Int)] {
    try transaction.query(
      """
      SELECT portal_id, COUNT(*) AS events FROM hubspot_events WHERE state = 'parked'
      GROUP BY portal_id ORDER BY portal_id LIMIT 1000
      """
    ).map { (try $0.get("portal_id"), try $0.get("events")) }
  }

  /// Deletes up to `limit` events of an account that were processed and received before `moment`; returns how many.
  func prune(
    of account: AccountID, before moment: Instant, limit: Int, in transaction: any Transaction
  ) throws -> Int {
    try transaction.execute(
      """
      DELETE FROM hubspot_events WHERE (portal_id, event_key, deal_id) IN (
        SELECT portal_id, event_key, deal_id FROM hubspot_events
        WHERE account_id = \(account) AND received_at < \(moment) AND state IN ('applied', 'ignored')
        LIMIT \(limit))
      """)
  }

  private func record(from row: Row) throws -> HubSpotEventRecord {
    HubSpotEventRecord(
      portalID: try row.get("portal_id"), key: try row.get("event_key"), dealID: try row.get("deal_id"),
      kind: try row.word("kind"), subscriptionType: try row.get("subscription_type"),
      property: try row.getOptional("property"),
      value: try row.getOptional("value"),
      mergedInto: try row.getOptional("merged_into"), occurredAt: try row.get("occurred_at"),
      signer: try row.getOptional("signer", as: String.self).map { text in
        guard let signer = HubSpotSigner(text: text) else { throw DatabaseError.unreadableColumn("signer") }
        return signer
      })
  }
}

/// A HubSpot account that is mapped to an account here.
package struct HubSpotPortal: Hashable, Sendable {
  /// HubSpot's id of it.
  package let id: Int64
  /// The account that it is mapped to.
  package let accountID: AccountID
  /// Up to which change it has been reconciled.
  package let reconciledUntil: Instant?
  /// When reconciling was last completed.
  package let reconciledAt: Instant?
  /// Deals that reconciling compared.
  package let dealsChecked: Int
  /// Deals that differed from HubSpot although no event was waiting.
  package let dealsRepaired: Int
  /// Ads whose sums differed from those of their deals.
  package let adsRepaired: Int
}

/// The results of one step of reconciling.
struct HubSpotReconciliation {
  var until: Instant?
  var isWhole = false
  var dealsChecked = 0
  var dealsRepaired = 0
  var adsRepaired = 0
}
