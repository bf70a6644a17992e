import RemoteAPIs
import Storage
import Values

/// The work of one of the intake's transactions.
final class HubSpotIntakeWork {
  /// A job for each deal that has new events.
  private(set) var jobs: [ProcessHubSpotWebhook] = []
  private let now: Instant
  private let waitingLimit: Int
  private let transaction: any Transaction
  private let repository = HubSpotEventRepository()
  private let waiting = HubSpotWaitingRepository()
  private let insertion: any PreparedStatement
  private var portals: [Int64: Portal] = [:]
  private var deals: Set<String> = []

  /// The state of a portal.
  private struct Portal {
    /// The account that it is mapped to.
    let account: AccountID?
    /// Whether its events are refused because its account was deleted.
    let isClosed: Bool
    /// How many of its events wait for it to be mapped.
    var waitingEvents: Int
  }

  /// Works within `transaction`; up to `waitingLimit` events may wait for one portal to be mapped.
  init(now: Instant, waitingLimit: Int, _ transaction: any Transaction) throws {
    self.now = now
    self.waitingLimit = waitingLimit
    self.transaction = transaction
    insertion = try repository.insertion(in: transaction)
  }

  /// Stores the events of one request. One that cannot be stored is counted, and does not affect the others.
  func keep(_ request: SignedEvents) throws -> HubSpotIntakeReport {
    var report = HubSpotIntakeReport()
    for event in request.events {
      switch event {
      case .success(let rows): try keep(rows, signer: request.signer, &report)
      case .failure(let refused): try refuse(refused, &report)
      }
    }
    return report
  }

  private func keep(
    _ rows: [HubSpotEventRecord], signer: AccountID?, _ report: inout HubSpotIntakeReport
  ) throws {
    guard let first = rows.first else { return }
    let portal = try portal(first.portalID)
    let isOthers = signer != nil && signer != portal.account
    if isOthers, portal.account != nil {
      report.take(first.kind)
      return try waiting.refuse(
        RefusedHubSpotEvent(
          portalID: first.portalID, reason: .foreignSigner,
          detail: "the secret that signed it belongs to another account; check HUBSPOT_CLIENT_SECRETS and hubspot map"),
        at: now, in: transaction)
    }
    if portal.isClosed {
      return try refuse(
        RefusedHubSpotEvent(
          portalID: first.portalID, reason: .closedPortal,
          detail: "the portal's account was deleted, or the portal closed; hubspot map opens it again"), &report)
    }
    if portal.account == nil, portal.waitingEvents + rows.count > waitingLimit {
      return try refuse(
        RefusedHubSpotEvent(
          portalID: first.portalID, reason: .waitingLimit,
          detail: "\(portal.waitingEvents) events wait for the portal to be mapped, of at most \(waitingLimit)"),
        &report)
    }
    let isNew = try insert(rows, account: portal.account)
    if isNew || isOthers { report.take(first.kind) } else { report.duplicates += 1 }
  }

  /// Returns whether any of the rows is new.
  private func insert(_ rows: [HubSpotEventRecord], account: AccountID?) throws -> Bool {
    var isNew = false
    for row in rows {
      let state: HubSpotEventRepository.State = account == nil ? .parked : row.kind == .other ? .ignored : .queued
      var row = row
      if row.occurredAt > now.adding(seconds: Self.clockDifference) { row.occurredAt = now }
      guard try insertion.execute(repository.values(row, account: account, state: state, at: now)) > 0 else { continue }
      isNew = true
      if state == .parked { portals[row.portalID]?.waitingEvents += 1 }
      guard state == .queued, let account, deals.insert("\(row.portalID) \(row.dealID)").inserted else { continue }
      jobs.append(ProcessHubSpotWebhook(accountID: account, portalID: row.portalID, dealID: row.dealID))
    }
    return isNew
  }

  /// How far HubSpot's clock may be ahead of this one, in seconds. An event within it is assumed to have happened
  /// already.
  private static let clockDifference: Int64 = 300

  private func refuse(_ event: RefusedHubSpotEvent, _ report: inout HubSpotIntakeReport) throws {
    try waiting.refuse(event, at: now, in: transaction)
    report.refused += 1
  }

  private func portal(_ portalID: Int64) throws -> Portal {
    if let known = portals[portalID] { return known }
    let account = try repository.account(ofPortal: portalID, in: transaction)
    let portal = Portal(
      account: account, isClosed: try account == nil && waiting.isClosed(portalID, in: transaction),
      waitingEvents: account == nil ? try waiting.count(ofPortal: portalID, limit: waitingLimit, in: transaction) : 0)
    portals[portalID] = portal
    return portal
  }
}
