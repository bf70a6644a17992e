import Accounts
import Decisions
import Foundation
import Jobs
import Measurement
import Operations
import Platforms
import RemoteAPIs
import Storage
import Values
import Web

/// The whole system on one database: the only place where its parts are put together.
package struct System: Sendable {
  /// The database, its schema up to date.
  package let database: any Database
  /// Accounts and their configuration.
  package let accounts: AccountService
  /// Accounts that rest, go on, or go.
  package let lifecycle: AccountLifecycleService
  /// API keys.
  package let keys: APIKeyService
  /// Who changed what.
  package let audit: AuditService
  /// Ads and their figures.
  package let ads: AdService
  /// Decisions.
  package let decisions: DecisionService
  /// Policies tried on the past.
  package let backtests: BacktestService
  /// Files coming in.
  package let imports: ImportService
  /// The account to try the product on.
  package let demo: DemoService
  /// Durable jobs.
  package let jobs: DatabaseJobQueue
  /// Jobs tried again and called off by people.
  package let jobOperators: JobOperatorService
  /// Which ad brought which deal.
  package let attributions: AttributionService
  /// HubSpot's portals, and how far their events are worked off.
  package let hubSpot: HubSpotStatusService
  /// The jobs of HubSpot.
  package let hubSpotProcessor: HubSpotProcessor
  /// The wear of ads.
  package let fatigue: FatigueService
  /// Takes HubSpot's webhooks.
  package let intake: HubSpotIntake
  /// Counts this process's requests.
  package let requestMetrics: RequestMetrics
  /// What is removed once it is no longer needed.
  package let retention: RetentionService
  /// Tells the present moment.
  package let clock: @Sendable () -> Instant
  private let metricsToken: Secret?
  private let compute: ComputeGate
  /// What ``clock`` goes by, where that is the clock of the database's server.
  private(set) var databaseClock: DatabaseClock?

  /// Puts the system together on `database` and brings its schema up to date; `clock` tells the present moment, and
  /// calls to other systems go through `transport`. Metrics are for whoever sends `metricsToken`, for anybody without.
  package init(
    database: any Database, clock: @escaping @Sendable () -> Instant = { SystemClock.now },
    hubSpot settings: HubSpotSettings = HubSpotSettings(), transport: any HTTPTransport = AsyncHTTPTransport.shared,
    metricsToken: Secret? = nil
  ) async throws {
    try await Migrator(allMigrations).migrate(database, at: clock())
    let audit = AuditService(database: database, clock: clock)
    let accounts = AccountService(database: database, clock: clock, audit: audit)
    try await accounts.completeHistory()
    try await audit.startChains()
    let deals = DealService(clock: clock)
    let ads = AdService(database: database, clock: clock, accounts: accounts, deals: deals, audit: audit)
    let jobs = DatabaseJobQueue(database: database, clock: clock, kinds: Self.jobKinds)
    let attributions = AttributionService(
      database: database, clock: clock, accounts: accounts, ads: ads, deals: deals, audit: audit)
    self.clock = clock
    self.metricsToken = metricsToken
    requestMetrics = RequestMetrics(clock: clock)
    self.database = database
    self.accounts = accounts
    self.ads = ads
    self.jobs = jobs
    self.attributions = attributions
    self.audit = audit
    keys = APIKeyService(database: database, clock: clock, audit: audit)
    lifecycle = AccountLifecycleService(
      database: database, clock: clock, accounts: accounts, audit: audit, queue: jobs, queues: QueueName.all)
    jobOperators = JobOperatorService(database: database, queue: jobs, audit: audit)
    compute = ComputeGate()
    decisions = DecisionService(database: database, clock: clock, accounts: accounts, ads: ads, compute: compute)
    backtests = BacktestService(accounts: accounts, ads: ads)
    imports = ImportService(clock: clock, accounts: accounts, ads: ads, deals: deals)
    demo = DemoService(clock: clock, accounts: accounts, ads: ads, deals: deals)
    fatigue = FatigueService(ads: ads, accounts: accounts)
    hubSpot = HubSpotStatusService(
      database: database, clock: clock, queue: jobs, audit: audit, settings: settings)
    hubSpotProcessor = HubSpotProcessor(
      database: database, clock: clock, queue: jobs, accounts: accounts, ads: ads,
      clients: HubSpotClients(settings: settings, transport: transport, clock: clock),
      service: HubSpotDealService(clock: clock, deals: deals, ads: ads, attributions: attributions))
    retention = RetentionService(
      database: database, clock: clock,
      retentions: [
        Retention("jobs", every: .seconds(600), batch: 1_000) { try await jobs.prune(.standard, limit: $0) },
        Retention("decisions", every: .seconds(600), batch: 100, remove: decisions.removeExpired),
        Retention("removed_decisions", every: .seconds(86_400), batch: 1_000, remove: decisions.forgetRemoved),
        Retention("imports", every: .seconds(86_400), batch: 10_000, remove: ads.removeImports),
        Retention("clicks", every: .seconds(3_600), batch: 1_000, remove: attributions.removeOldClicks),
        Retention("api_keys", every: .seconds(86_400), batch: 1_000, remove: keys.removeEnded),
        Retention("hubspot_deals", every: .seconds(86_400), batch: 1_000, remove: hubSpot.removeGoneDeals),
        Retention("waiting_hubspot_events", every: .seconds(3_600), batch: 1_000, remove: hubSpot.removeWaiting),
      ])
    intake = try HubSpotIntake(database: database, clock: clock, queue: jobs, settings: settings)
  }

  /// Puts the system together on `database`, with what the environment says of other systems.
  init(opened database: any Database) async throws {
    let environment = ProcessInfo.processInfo.environment
    let token = environment["METRICS_TOKEN"]?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
    let clock = DatabaseClock(of: database, machine: { SystemClock.now })
    try await clock.synchronize()
    try await self.init(
      database: database, clock: { clock.now }, hubSpot: HubSpotEnvironment.settings(environment),
      metricsToken: token.isEmpty ? nil : Secret(token))
    databaseClock = clock
  }

  /// Everything the HTTP API offers, its own description included.
  package var endpoints: [Endpoint] {
    let described =
      HealthRoutes(database: database, clock: clock).endpoints
      + BattleHardenedRoutes(accounts: accounts, ads: ads, decisions: decisions, compute: compute, clock: clock)
      .endpoints
      + SyntheticRevenueRoutes(accounts: accounts).endpoints
      + FatigueRoutes(ads: ads).endpoints
      + ConfigurationRoutes(accounts: accounts, figures: ads).endpoints
      + AttributionRoutes(attributions: attributions, clock: clock).endpoints
      + HubSpotRoutes(intake: intake, status: hubSpot).endpoints
      + AccountLimitRoutes(lifecycle: lifecycle).endpoints
      + APIKeyRoutes(keys: keys, clock: clock).endpoints
      + AuditRoutes(audit: audit).endpoints
      + JobRoutes(queue: jobs, operators: jobOperators).endpoints
      + MetricsRoutes(
        requests: requestMetrics,
        sources: [JobMetrics(queue: jobs, clock: clock).read, hubSpot.metrics, retention.metrics],
        token: metricsToken, clock: clock
      ).endpoints
    return described + [OpenAPIRoute.endpoint(describing: described, version: Release.version)]
  }

  /// The kinds of job that workers of this system do; the queue refuses all others.
  package static let jobKinds: [any Job.Type] = [
    ProcessHubSpotWebhook.self, ReconcileHubSpot.self, MonitorFatigue.self, ProcessBudgetOptimization.self,
  ]

  /// What is done for each of ``jobKinds``.
  package var jobRegistry: JobRegistry {
    var registry = JobRegistry()
    registry.register(ProcessHubSpotWebhook.self, bound(hubSpotProcessor.process))
    registry.register(ReconcileHubSpot.self, bound(hubSpotProcessor.reconcile))
    registry.register(MonitorFatigue.self, bound(fatigue.monitor))
    registry.register(ProcessBudgetOptimization.self, bound(decisions.optimize))
    return registry
  }
}

extension System {
  /// Binds a job's handler to the account that is there when it begins: what it writes goes to no later one of that name.
  private func bound<J: Job>(
    _ handler: @escaping @Sendable (J, JobContext) async throws -> JobReport?
  ) -> @Sendable (J, JobContext) async throws -> JobReport? {
    { [accounts] job, context in
      try await accounts.inIncarnation(of: job.accountID) { try await handler(job, context) }
    }
  }
}

/// The machine's clock.
package enum SystemClock {
  /// The present moment, to the microsecond.
  package static var now: Instant {
    Instant(microseconds: Int64(clamping: (Date().timeIntervalSince1970 * 1_000_000).rounded()))
  }
}
