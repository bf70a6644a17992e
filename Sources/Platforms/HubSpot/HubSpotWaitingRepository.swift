import Storage
import Values

/// The SQL of events that belong to no account: those waiting for their portal to be mapped, those that were refused,
/// and the portals whose events are refused.
struct HubSpotWaitingRepository {
  /// How many events are waiting for the portal to be mapped; at most `limit` are counted.
  func count(ofPortal portalID: Int64, limit: Int, in transaction: any Transaction) throws -> Int {
    try transaction.first(
      """
      SELECT COUNT(*) AS events FROM (
        SELECT 1 AS event FROM hubspot_events WHERE portal_id = \(portalID) AND state = 'parked' LIMIT \(limit)
      ) AS waiting
      """)?.get("events") ?? 0
  }

  /// Deletes the events waiting for the portal; returns how many.
  func discard(ofPortal portalID: Int64, in transaction: any Transaction) throws -> Int {
    try transaction.execute("DELETE FROM hubspot_events WHERE portal_id = \(portalID) AND state = 'parked'")
  }

  /// Deletes the waiting events of a portal that was mapped to `account` whose signer is not valid for it, and those
  /// older than the account; returns how many.
  func discardForeign(
    ofPortal portalID: Int64, to account: AccountID, in transaction: any Transaction
  ) throws -> Int {
    try transaction.execute(
      """
      DELETE FROM hubspot_events
      WHERE portal_id = \(portalID) AND state = 'parked' AND NOT COALESCE(
        signer = '' OR (
          signer = \(account)
          AND received_at >= (SELECT created_at FROM accounts WHERE account_id = \(account))),
        FALSE)
      """)
  }

  /// Deletes up to `limit` events that arrived before `moment` and are still waiting; returns how many.
  func prune(before moment: Instant, limit: Int, in transaction: any Transaction) throws -> Int {
    try transaction.execute(
      """
      DELETE FROM hubspot_events WHERE (portal_id, event_key, deal_id) IN (
        SELECT portal_id, event_key, deal_id FROM hubspot_events
        WHERE state = 'parked' AND received_at < \(moment) LIMIT \(limit))
      """)
  }

  /// Whether events of the portal are refused because its account was deleted.
  func isClosed(_ portalID: Int64, in transaction: any Transaction) throws -> Bool {
    try transaction.first("SELECT 1 AS found FROM hubspot_closed_portals WHERE portal_id = \(portalID)") != nil
  }

  func setClosed(_ portalID: Int64, _ isClosed: Bool, in transaction: any Transaction) throws {
    if isClosed {
      try transaction.execute(
        "INSERT INTO hubspot_closed_portals (portal_id) VALUES (\(portalID)) ON CONFLICT (portal_id) DO NOTHING")
    } else {
      try transaction.execute("DELETE FROM hubspot_closed_portals WHERE portal_id = \(portalID)")
    }
  }

  /// Counts events that are not stored.
  func refuse(
    _ event: RefusedHubSpotEvent, count: Int = 1, at now: Instant, in transaction: any Transaction
  ) throws {
    try transaction.execute(
      """
      INSERT INTO hubspot_refusals (portal_id, reason, events, detail, last_at)
      VALUES (\(event.portalID), \(event.reason.rawValue), \(count), \(event.detail), \(now))
      ON CONFLICT (portal_id, reason) DO UPDATE SET
        events = hubspot_refusals.events + excluded.events, detail = excluded.detail, last_at = excluded.last_at
      """)
  }

  /// The events that were not stored, of the account's portals or of all portals, grouped by portal.
  func refusals(of account: AccountID?, in transaction: any Transaction) throws -> [HubSpotRefusal] {
    let condition: SQL =
      account.map { " WHERE portal_id IN (SELECT portal_id FROM hubspot_portals WHERE account_id = \($0))" } ?? ""
    return try transaction.query(
      "SELECT * FROM hubspot_refusals\(condition) ORDER BY portal_id, reason LIMIT 1000"
    ).map {
      HubSpotRefusal(
        portalID: try $0.get("portal_id"), reason: try $0.get("reason"), events: try $0.get("events"),
        detail: try $0.get("detail"), lastAt: try $0.get("last_at"))
    }
  }

  /// Deletes up to `limit` counts whose last refused event was before `moment`; returns how many.
  func pruneRefusals(before moment: Instant, limit: Int, in transaction: any Transaction) throws -> Int {
    try transaction.execute(
      """
      DELETE FROM hubspot_refusals WHERE (portal_id, reason) IN (
        SELECT portal_id, reason FROM hubspot_refusals WHERE last_at < \(moment) LIMIT \(limit))
      """)
  }
}
