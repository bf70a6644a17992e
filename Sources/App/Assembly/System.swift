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

/// The whole system on one database: the only place where its parts are assembled.
package struct System: Sendable {
  /// The database, its schema up to date.
  package let database: any Database
  /// Accounts and their configuration.
  package let accounts: AccountService
  package let lifecycle: AccountLifecycleService
  package let keys: APIKeyService
  /// Who changed what.
  package let audit: AuditService
  /// Ads and their figures.
  package let ads: AdService
  package let decisions: DecisionService
  /// Tries policies on past days.
  package let backtests: BacktestService
  /// Imports files.
  package let imports: ImportService
  /// Durable jobs.
  package let jobs: DatabaseJobQueue
  /// Retries and cancels jobs for operators.
  package let jobOperators: JobOperatorService
  /// Which ad brought which deal.
  package let attributions: AttributionService
  /// The state of HubSpot's portals and events.
  package let hubSpot: HubSpotStatusService
  /// Runs HubSpot's jobs.
  package let hubSpotProcessor: HubSpotProcessor
  /// Connections of accounts with ad accounts at Meta.
  package let meta: MetaConnectionService
  /// Reads data from Meta.
  package let metaSync: MetaSyncService
  /// Campaigns, ad sets and ads as last read.
  package let adObjects: AdObjectService
  /// The wear of ads.
  package let fatigue: FatigueService
  /// Execution settings, and the switches that stop execution.
  package let execution: ExecutionSettingsService
  /// Changes: listed, approved, rejected and undone.
  package let changes: AdChangeService
  /// Proposals from decisions and rules.
  package let proposals: ProposalService
  /// Decides, compares with the live state, and proposes.
  package let optimization: OptimizationService
  /// Proposes remedies for wear, and the reactivation of paused ads with late revenue.
  package let remedies: FatigueRemedyService
  /// Applies changes.
  package let executor: SafeExecutor
  /// Videos that become paused ads.
  package let launches: LaunchService
  /// Receives HubSpot's webhooks.
  package let intake: HubSpotIntake
  /// Counts this process's requests.
  package let requestMetrics: RequestMetrics
  /// Removes rows that are no longer needed.
  package let retention: RetentionService
  /// Returns the current moment.
  package let clock: @Sendable () -> Instant
  /// All endpoints of the HTTP API, including its own description.
  package let endpoints: [Endpoint]
  /// The handlers for ``jobKinds``.
  package let jobRegistry: JobRegistry
  /// The source of ``clock``, where that is the clock of the database server.
  private(set) var databaseClock: DatabaseClock?

  /// Assembles the system on `database` and applies missing migrations; `clock` returns the current moment, calls to
  /// other systems go through `transport`, and `sleep` waits for them. Metrics require `metricsToken`, where there is
  /// one. `additions` are added to the standard parts.
  package init(
    database: any Database, clock: @escaping @Sendable () -> Instant = { SystemClock.now },
    hubSpot settings: HubSpotSettings = HubSpotSettings(), meta metaSettings: MetaSettings = MetaSettings(),
    transport: any HTTPTransport = AsyncHTTPTransport.shared,
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
    metricsToken: Secret? = nil, with additions: SystemAdditions = SystemAdditions()
  ) async throws {
    try await Migrator(allMigrations).migrate(database, at: clock())
    let audit = AuditService(database: database, clock: clock)
    let accounts = AccountService(database: database, clock: clock, audit: audit, settings: additions.settings)
    try await accounts.completeHistory()
    try await audit.startChains()
    let deals = DealService(clock: clock)
    let ads = AdService(
      database: database, clock: clock, accounts: accounts, deals: deals, audit: audit,
      listeners: additions.adListeners)
    let jobs = DatabaseJobQueue(database: database, clock: clock, kinds: Self.jobKinds)
    let attributions = AttributionService(
      database: database, clock: clock, accounts: accounts, ads: ads, deals: deals, audit: audit)
    self.clock = clock
    requestMetrics = RequestMetrics(clock: clock)
    self.database = database
    self.accounts = accounts
    self.ads = ads
    self.jobs = jobs
    self.attributions = attributions
    self.audit = audit
    keys = APIKeyService(database: database, clock: clock, audit: audit)
    jobOperators = JobOperatorService(database: database, queue: jobs, audit: audit)
    let compute = ComputeGate()
    decisions = DecisionService(database: database, clock: clock, accounts: accounts, ads: ads, compute: compute)
    backtests = BacktestService(accounts: accounts, ads: ads)
    imports = ImportService(clock: clock, accounts: accounts, ads: ads, deals: deals)
    fatigue = FatigueService(ads: ads)
    hubSpot = HubSpotStatusService(
      database: database, clock: clock, queue: jobs, audit: audit, settings: settings)
    hubSpotProcessor = HubSpotProcessor(
      database: database, clock: clock, queue: jobs, accounts: accounts, ads: ads,
      clients: HubSpotClients(settings: settings, transport: transport, clock: clock, sleep: sleep),
      service: HubSpotDealService(clock: clock, deals: deals, ads: ads, attributions: attributions))
    adObjects = AdObjectService(database: database, clock: clock)
    meta = MetaConnectionService(
      database: database, clock: clock, accounts: accounts, audit: audit, queue: jobs,
      clients: MetaClients(settings: metaSettings, transport: transport, clock: clock, sleep: sleep),
      objects: adObjects)
    metaSync = MetaSyncService(
      database: database, clock: clock, accounts: accounts, ads: ads, connections: meta, objects: adObjects,
      queue: jobs, sleep: sleep)
    let live = LiveAccounts(connections: meta, clock: clock)
    execution = ExecutionSettingsService(
      database: database, clock: clock, accounts: accounts, audit: audit, sleep: sleep)
    changes = AdChangeService(
      database: database, clock: clock, accounts: accounts, queue: jobs, audit: audit, live: live)
    proposals = ProposalService(database: database, clock: clock, accounts: accounts, ads: ads, queue: jobs)
    optimization = OptimizationService(
      database: database, clock: clock, accounts: accounts, ads: ads, decisions: decisions, proposals: proposals,
      live: live)
    remedies = FatigueRemedyService(
      database: database, clock: clock, accounts: accounts, ads: ads, fatigue: fatigue, proposals: proposals,
      live: live)
    executor = SafeExecutor(
      database: database, clock: clock, accounts: accounts, ads: ads, live: live, sleep: sleep)
    launches = LaunchService(
      database: database, clock: clock, accounts: accounts, queue: jobs, audit: audit, live: live, sleep: sleep)
    intake = try HubSpotIntake(database: database, clock: clock, queue: jobs, settings: settings)
    let features: [Feature] =
      [
        .ads(ads, accounts: accounts),
        .attribution(attributions, clock: clock),
        .decisions(decisions, accounts: accounts, ads: ads, compute: compute, clock: clock),
        .fatigue(ads: ads),
        .hubSpot(intake: intake, status: hubSpot, processor: hubSpotProcessor, accounts: accounts),
        .meta(connections: meta, sync: metaSync, objects: adObjects, accounts: accounts),
        .execution(
          settings: execution, changes: changes, optimization: optimization, remedies: remedies, executor: executor,
          accounts: accounts),
        .launches(launches, accounts: accounts),
        .jobs(jobs, operators: jobOperators, clock: clock),
      ] + additions.features
    lifecycle = AccountLifecycleService(
      database: database, clock: clock, accounts: accounts, audit: audit, queue: jobs, queues: Self.queues,
      quotas: features.flatMap(\.quotas))
    let all =
      [
        Feature(endpoints: HealthRoutes(database: database, clock: clock).endpoints),
        .accounts(accounts, lifecycle: lifecycle, keys: keys, audit: audit, figures: ads, clock: clock),
      ] + features
    retention = RetentionService(database: database, clock: clock, retentions: all.flatMap(\.retentions))
    jobRegistry = JobRegistry(all.flatMap(\.jobs))
    let metrics = MetricsRoutes(
      requests: requestMetrics, sources: all.flatMap(\.metrics) + [retention.metrics], token: metricsToken,
      clock: clock)
    let described = all.flatMap(\.endpoints) + metrics.endpoints
    endpoints = described + [OpenAPIRoute.endpoint(describing: described, version: Release.version)]
  }

  /// Assembles the system on `database`, with the environment's settings for other systems.
  init(opened database: any Database) async throws {
    let environment = ProcessInfo.processInfo.environment
    let token = environment["METRICS_TOKEN"]?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
    let clock = DatabaseClock(of: database, machine: { SystemClock.now })
    try await clock.synchronize()
    try await self.init(
      database: database, clock: { clock.now }, hubSpot: HubSpotEnvironment.settings(environment),
      meta: MetaEnvironment.settings(environment),
      metricsToken: token.isEmpty ? nil : Secret(token))
    databaseClock = clock
  }

  /// The kinds of job that workers of this system run; the queue refuses all others.
  package static let jobKinds: [any Job.Type] = [
    ProcessHubSpotWebhook.self, ReconcileHubSpot.self, SyncMetaInsights.self, MonitorFatigue.self,
    ProcessBudgetOptimization.self, StopSameDay.self, ApplyAdChanges.self, RunLaunch.self,
  ]

  /// Those of them that recur.
  package static let recurringJobs: [any RecurringJob.Type] = jobKinds.compactMap { $0 as? any RecurringJob.Type }

  /// The queues of those jobs; those that webhooks push to come first.
  package static let queues: [QueueName] = jobKinds.reduce(into: []) {
    if !$0.contains($1.queue) { $0.append($1.queue) }
  }
}

/// What can be added to a system beyond its standard parts.
package struct SystemAdditions: Sendable {
  package var settings = AccountSettings.standard
  /// Called with ads that change.
  package var adListeners: [AdListener] = []
  /// Further features.
  package var features: [Feature] = []

  package init() {}
}

/// The machine's clock.
package enum SystemClock {
  /// The present moment, to the microsecond.
  package static var now: Instant {
    Instant(microseconds: Int64(clamping: (Date().timeIntervalSince1970 * 1_000_000).rounded()))
  }
}
