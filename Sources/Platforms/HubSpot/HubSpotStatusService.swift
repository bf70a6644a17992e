import Accounts
import Formats
import Jobs
import Storage
import Values
import Web

/// Which HubSpot portals belong to which account, and how far their events have been processed.
package struct HubSpotStatusService: Sendable {
  private let database: any Database
  private let clock: @Sendable () -> Instant
  private let queue: DatabaseJobQueue
  private let audit: AuditService
  private let events = HubSpotEventRepository()
  private let facts = HubSpotFactRepository()
  private let waiting = HubSpotWaitingRepository()
  private let waitingDays: Int

  /// Works on `database`; jobs go to `queue`, `clock` tells the present moment, and events wait for their portal to be
  /// mapped as long as `settings` say.
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

  /// Forgets up to `limit` deals, over all accounts, that are in no stage or gone and that nothing was heard of for 400
  /// days; returns how many.
  package func removeGoneDeals(limit: Int) async throws -> Int {
    let start = clock().adding(seconds: -400 * 86_400)
    return try await database.write { [facts] in try facts.removeGone(before: start, limit: limit, in: $0) }
  }

  /// How an account stands with HubSpot.
  package struct Status: Sendable {
    /// The account's portals.
    package let portals: [HubSpotPortal]
    /// Events that wait.
    package let queued: Int
    /// Events that were applied.
    package let applied: Int
    /// Events that concern no deal.
    package let ignored: Int
    /// The latest deals that cannot be counted as HubSpot has them.
    package let held: [HeldDeal]
    /// The events that were not kept.
    package let refusals: [HubSpotRefusal]
  }

  /// A deal that cannot be counted as HubSpot has it.
  package struct HeldDeal: Sendable {
    /// The deal.
    package let dealID: String
    /// Why.
    package let reason: String
  }

  /// How the account stands.
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

  /// Every portal that is mapped, and those that are not with how many of their events wait.
  package func portals() async throws -> (mapped: [HubSpotPortal], unmapped: [(portalID: Int64, events: Int)]) {
    try await database.read { [events] transaction in
      (try events.portals(of: nil, in: transaction), try events.unmappedPortals(in: transaction))
    }
  }

  /// What reconciling found in all portals together, and what waits.
  package func metrics() async throws -> [Metric] {
    let portals = try await portals()
    return [
      Metric(
        "geminivideo_hubspot_deals_checked_total", .counter, "Deals that reconciling compared.",
        value: Double(portals.mapped.reduce(0) { $0 + $1.dealsChecked })),
      Metric(
        "geminivideo_hubspot_deals_repaired_total", .counter, "Deals that webhooks had missed.",
        value: Double(portals.mapped.reduce(0) { $0 + $1.dealsRepaired })),
      Metric(
        "geminivideo_hubspot_events_parked", .gauge, "Events of portals that nobody has mapped.",
        value: Double(portals.unmapped.reduce(0) { $0 + $1.events })),
    ]
  }

  /// The events that were not kept, of all portals.
  package func refusals() async throws -> [HubSpotRefusal] {
    try await database.read { [waiting] in try waiting.refusals(of: nil, in: $0) }
  }

  /// What became of the events that waited for a portal when it was mapped.
  package struct Mapping: Hashable, Sendable {
    /// Deals with events that are processed now.
    package let deals: Int
    /// Events that were forgotten because they were signed by a secret that does not speak for the account.
    package let foreignEvents: Int
  }

  /// Forgets the events that wait for a portal to be mapped, and has its further ones refused where `isClosed`; returns
  /// how many it forgot. Mapping the portal opens it again.
  ///
  /// Throws a ``HubSpotPortalError`` where the portal belongs to an account.
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

  /// Forgets up to `limit` events that have waited longer than they may, and counts of refusals that are old; returns how
  /// many rows it removed.
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

  /// Gives a portal to an account and has the events that waited for it processed, as far as their signer speaks for
  /// the account.
  ///
  /// Throws a ``HubSpotPortalError`` where the portal has an account already, or ``AccountError/unknown(_:)``.
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
