import Database
import Formats
import Jobs
import Values

/// Which HubSpot portals belong to which account, and how far their events have been worked off.
public struct HubSpotStatusService: Sendable {
  private let database: any Database
  private let clock: @Sendable () -> Instant
  private let queue: DatabaseJobQueue
  private let audit: AuditService
  private let events = HubSpotEventRepository()
  private let facts = HubSpotFactRepository()

  /// Works on `database`; jobs go to `queue`, and `clock` tells the present moment.
  public init(
    database: any Database, clock: @escaping @Sendable () -> Instant, queue: DatabaseJobQueue, audit: AuditService
  ) {
    self.database = database
    self.clock = clock
    self.queue = queue
    self.audit = audit
  }

  /// Forgets up to `limit` deals, over all accounts, that are in no stage or gone and that nothing was heard of for 400
  /// days; returns how many.
  public func removeGoneDeals(limit: Int) async throws -> Int {
    let start = clock().adding(seconds: -400 * 86_400)
    return try await database.write { [facts] in try facts.removeGone(before: start, limit: limit, in: $0) }
  }

  /// How an account stands with HubSpot.
  public struct Status: Sendable {
    /// The account's portals.
    public let portals: [HubSpotPortal]
    /// Events that wait.
    public let queued: Int
    /// Events that were worked in.
    public let applied: Int
    /// Events that concern no deal.
    public let ignored: Int
    /// The latest deals that cannot be counted as HubSpot has them.
    public let held: [HeldDeal]
  }

  /// A deal that cannot be counted as HubSpot has it.
  public struct HeldDeal: Sendable {
    /// The deal.
    public let dealID: String
    /// Why.
    public let reason: String
  }

  /// How the account stands.
  public func status(of account: AccountID) async throws -> Status {
    try await database.read { [events, facts] transaction in
      let counts = try events.counts(of: account, in: transaction)
      return Status(
        portals: try events.portals(of: account, in: transaction), queued: counts[.queued] ?? 0,
        applied: counts[.applied] ?? 0, ignored: counts[.ignored] ?? 0,
        held: try facts.held(of: account, limit: 100, in: transaction)
          .map { HeldDeal(dealID: $0.dealID, reason: $0.problem) })
    }
  }

  /// Every portal that is mapped, and those that are not with how many of their events wait.
  public func portals() async throws -> (mapped: [HubSpotPortal], unmapped: [(portalID: Int64, events: Int)]) {
    try await database.read { [events] transaction in
      (try events.portals(of: nil, in: transaction), try events.unmappedPortals(in: transaction))
    }
  }

  /// Gives a portal to an account and has the events that waited for that worked off; returns how many deals have any.
  ///
  /// Throws an ``APIError``: 409 where the portal has an account already, 404 where the account does not exist.
  public func map(
    portal portalID: Int64, to account: AccountID, by actor: AuditActor = .system
  ) async throws -> Int {
    do {
      return try await database.write { [events, queue, clock, audit] transaction in
        let deals = try events.map(portal: portalID, to: account, at: clock(), in: transaction)
        try audit.record(
          .portalMapped, of: "\(portalID)", by: actor, account: account,
          after: ["deals_that_waited": .number("\(deals.count)")], in: transaction)
        let jobs = deals.map { ProcessHubSpotWebhook(accountID: account, portalID: portalID, dealID: $0) }
        for start in stride(from: 0, to: jobs.count, by: JobLimits.batch) {
          _ = try queue.push(Array(jobs[start..<min(start + JobLimits.batch, jobs.count)]), in: transaction)
        }
        return deals.count
      }
    } catch DatabaseError.uniqueViolation {
      throw APIError(.conflict, "portal_mapped", "portal \(portalID) belongs to an account already")
    } catch DatabaseError.foreignKeyViolation {
      throw APIError.notFound("account \(account)")
    }
  }
}
