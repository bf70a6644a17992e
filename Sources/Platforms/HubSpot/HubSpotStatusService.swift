import Accounts
import Formats
import Jobs
import Storage
import Values
import Web

/// Which HubSpot portals are mapped to which account, and how far their events have been processed.
package struct HubSpotStatusService: Sendable {
  private let database: any Database
  private let clock: @Sendable () -> Instant
  private let queue: DatabaseJobQueue
  private let audit: AuditService
  private let events = HubSpotEventRepository()
  private let facts = HubSpotFactRepository()
  private let waiting = HubSpotWaitingRepository()
  private let waitingDays: Int

  /// Jobs go to `queue`, `clock` returns the current moment, and `settings` say how long events wait for their portal
  /// to be mapped.
  package init(
    database: any Database, clock: @escaping @Sendable () -> Instant, queue: DatabaseJobQueue, audit: AuditService,
    settings: HubSpotSettings
  ) {
    waitingDays = settings.waitingDays
    self.database = database
    self.clock = clock
    self.queue = queue
    self.audit = audit
  }

  /// Deletes up to `limit` deals, over all accounts, that are in no stage or deleted and that nothing has been heard of
  /// for 400 days; returns how many.
  package func removeGoneDeals(limit: Int) async throws -> Int {
    let start = clock().adding(seconds: -400 * 86_400)
    return try await database.write { [facts] in try facts.removeGone(before: start, limit: limit, in: $0) }
  }

  /// The state of an account's portals and events.
  package struct Status: Sendable {
    /// The account's portals.
    package let portals: [HubSpotPortal]
    /// Events that are waiting.
    package let queued: Int
    /// Events that were applied.
    package let applied: Int
    /// Events that concern no deal.
    package let ignored: Int
    /// The latest deals that cannot be counted as HubSpot has them.
    package let held: [HeldDeal]
    /// The events that were not stored.
    package let refusals: [HubSpotRefusal]
  }

  /// A deal that cannot be counted as HubSpot has it.
  package struct HeldDeal: Sendable {
    package let dealID: String
    /// Why.
    package let reason: String
  }

  /// The state of the account's portals and events.
  package func status(of account: AccountID) async throws -> Status {
    try await database.read { [events, facts, waiting] transaction in
      let counts = try events.counts(of: account, in: transaction)
      return Status(
        portals: try events.portals(of: account, in: transaction), queued: counts[.queued] ?? 0,
        applied: counts[.applied] ?? 0, ignored: counts[.ignored] ?? 0,
        held: try facts.held(of: account, limit: 100, in: transaction)
          .map { HeldDeal(dealID: $0.dealID, reason: $0.problem) },
        refusals: try waiting.refusals(of: account, in: transaction))
    }
  }

  /// All mapped portals, and the unmapped ones with the number of their waiting events.
  package func portals() async throws -> (mapped: [HubSpotPortal], unmapped: [(portalID: Int64, events: Int)]) {
    try await database.read { [events] transaction in
      (try events.portals(of: nil, in: transaction), try events.unmappedPortals(in: transaction))
    }
  }

  /// The results of reconciling all portals together, and the number of waiting events.
  package func metrics() async throws -> [Metric] {
    let portals = try await portals()
    return [
      Metric(
        "geminivideo_hubspot_deals_checked_total", .counter, "Deals that reconciling compared.",
        value: Double(portals.mapped.reduce(0) { $0 + $1.dealsChecked })),
      Metric(
        "geminivideo_hubspot_deals_repaired_total", .counter, "Deals that webhooks missed.",
        value: Double(portals.mapped.reduce(0) { $0 + $1.dealsRepaired })),
      Metric(
        "geminivideo_hubspot_events_parked", .gauge, "Events of portals that are not mapped.",
        value: Double(portals.unmapped.reduce(0) { $0 + $1.events })),
    ]
  }

  /// The events that were not stored, of all portals.
  package func refusals() async throws -> [HubSpotRefusal] {
    try await database.read { [waiting] in try waiting.refusals(of: nil, in: $0) }
  }

  /// What happened to the events waiting for a portal when it was mapped.
  package struct Mapping: Hashable, Sendable {
    /// Deals whose events are processed now.
    package let deals: Int
    /// Events that were deleted because they were signed with a secret that is not valid for the account.
    package let foreignEvents: Int
  }

  /// Deletes the events waiting for a portal to be mapped, and refuses further ones where `isClosed`; returns how many
  /// were deleted. Mapping the portal opens it again.
  ///
  /// Throws a ``HubSpotPortalError`` where the portal is mapped.
  package func forget(portal portalID: Int64, isClosed: Bool) async throws -> Int {
    try await database.write { [events, waiting] transaction in
      if let account = try events.account(ofPortal: portalID, in: transaction) {
        throw HubSpotPortalError.mapped(portalID: portalID, to: account)
      }
      if isClosed { try waiting.setClosed(portalID, true, in: transaction) }
      return try waiting.discard(ofPortal: portalID, in: transaction)
    }
  }

  /// How long counts of refused events are kept after the last of them, in seconds.
  private static let refusalLifetime: Int64 = 90 * 86_400

  /// Deletes up to `limit` events that have waited longer than allowed, and old counts of refusals; returns how many
  /// rows were removed.
  @Sendable package func removeWaiting(_ limit: Int) async throws -> Int {
    try await database.write { [waiting, clock, waitingDays] transaction in
      let now = clock()
      let events = try waiting.prune(
        before: now.adding(seconds: -Int64(waitingDays) * 86_400), limit: limit, in: transaction)
      return try events
        + waiting.pruneRefusals(
          before: now.adding(seconds: -Self.refusalLifetime), limit: limit - events, in: transaction)
    }
  }

  /// Maps a portal to an account and processes the events that waited for that, where their signer is valid for the
  /// account.
  ///
  /// Throws a ``HubSpotPortalError`` where the portal is mapped already, or ``AccountError/unknown(_:)``.
  package func map(
    portal portalID: Int64, to account: AccountID, by actor: AuditActor = .system
  ) async throws -> Mapping {
    do {
      return try await database.write { [self] transaction in
        let foreign = try waiting.discardForeign(ofPortal: portalID, to: account, in: transaction)
        if foreign > 0 {
          let refused = RefusedHubSpotEvent(
            portalID: portalID, reason: .foreignSigner,
            detail:
              "waiting events were forgotten when the portal was mapped: their signer does not speak for \(account)")
          try waiting.refuse(refused, count: foreign, at: clock(), in: transaction)
        }
        let deals = try events.map(portal: portalID, to: account, at: clock(), in: transaction)
        try waiting.setClosed(portalID, false, in: transaction)
        try audit.record(
          .portalMapped, of: "\(portalID)", by: actor, account: account,
          after: ["deals_that_waited": .number("\(deals.count)"), "foreign_events": .number("\(foreign)")],
          in: transaction)
        let jobs = deals.map { ProcessHubSpotWebhook(accountID: account, portalID: portalID, dealID: $0) }
        for start in stride(from: 0, to: jobs.count, by: JobLimits.batch) {
          _ = try queue.push(Array(jobs[start..<min(start + JobLimits.batch, jobs.count)]), in: transaction)
        }
        return Mapping(deals: deals.count, foreignEvents: foreign)
      }
    } catch DatabaseError.uniqueViolation {
      throw HubSpotPortalError.mapped(portalID: portalID, to: nil)
    } catch DatabaseError.foreignKeyViolation {
      throw AccountError.unknown(account)
    }
  }
}
