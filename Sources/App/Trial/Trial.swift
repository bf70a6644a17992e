import Accounts
import DecisionEngine
import Execution
import Jobs
import Logging
import Measurement
import Platforms
import RemoteAPIs
import Sandbox
import Storage
import Values

/// The product running on a simulated world: figures and webhooks arrive, jobs run, and changes are applied, all over
/// the vendors' protocols. The world's time passes in steps, after each of which all due jobs are run.
package struct Trial: Sendable {
  package let settings: TrialSettings
  package let sandbox: Sandbox
  package let system: System
  private let scheduler: Scheduler
  private let worker: Worker

  /// The length of a step, in seconds.
  static let step: Int64 = 3 * 3_600

  /// Assembles the system on `database`, with the clock of `sandbox`, which serves at `url`. Where the product waits,
  /// the world's time passes.
  package init(
    _ settings: TrialSettings, sandbox: Sandbox, at url: String, on database: any Database, logger: Logger
  ) async throws {
    self.settings = settings
    self.sandbox = sandbox
    let sleep: @Sendable (Duration) async throws -> Void = { duration in
      await sandbox.advance(seconds: duration.components.seconds + 1)
    }
    system = try await System(
      database: database, clock: { sandbox.now }, hubSpot: settings.hubSpot(at: url), meta: settings.meta(at: url),
      sleep: sleep)
    scheduler = Scheduler(
      database: database, entries: RecurringJobs(system, try ScheduleSettings([]), logger: logger).entries,
      clock: system.clock, onFailure: { logger.error("a schedule cannot be kept", metadata: ["error": "\($0)"]) })
    worker = Worker(
      queue: system.jobs, registry: system.jobRegistry,
      queues: Dictionary(uniqueKeysWithValues: System.queues.map { ($0, 4) }), workerID: "trial",
      clock: system.clock, sleep: sleep, logger: logger, onEvent: { WorkerRole.log($0, logger) })
  }

  /// Creates the account, connects it with the world's ad account and portal, and reads their history.
  ///
  /// Throws an ``AccountError`` where there is such an account already.
  package func setUp() async throws {
    let (account, world) = (settings.account, settings.sandbox.world)
    try await system.accounts.create(account, currency: world.currency, timezone: world.timeZone)
    let values = Dictionary(uniqueKeysWithValues: world.stageValues.map { ($0.stage, $0.value) })
    let stages = try StageValues(
      StageValues.reference.stages.map { stage in
        DealStage(
          name: stage.name, value: values[stage.name] ?? stage.value, confidence: stage.confidence, kind: stage.kind)
      })
    _ = try await system.accounts.update(account, figures: system.ads) { $0.stages = stages }
    _ = try await system.hubSpot.map(portal: settings.sandbox.credentials.portalID, to: account)
    guard let adAccount = MetaAdAccountID(settings.sandbox.credentials.adAccount) else {
      throw SettingError(
        name: "the ad account", value: settings.sandbox.credentials.adAccount, rule: MetaAdAccountID.rule)
    }
    _ = try await system.meta.connect(account, to: adAccount, as: .systemOperator, by: .commandLine)
    try await setLimits(of: account, world.currency)
    try await system.jobs.push([ReconcileHubSpot(accountID: account)])
    try await scheduler.tick()
    try await worker.workOff()
  }

  /// Allows changes within limits relative to the world's initial budgets.
  private func setLimits(of account: AccountID, _ currency: Currency) async throws {
    let total = sandbox.dailyBudget.wholeMinorUnits(of: currency) ?? 0
    _ = try await system.execution.update(
      account, by: .commandLine,
      [
        { [mode = settings.mode] settings in
          settings.dailyBudget = total
          settings.holderFloor = max(total / 200, 1)
          settings.holderCap = total
          settings.accountFloor = total / 2
          settings.accountCap = total
          settings.maxDailySpend = ExecutionSettings.overdelivery.of(total)
          settings.maxDailyChange = Share(millionths: 500_000)
          settings.mode = mode
        }
      ])
  }

  /// Lets a step of the world's time pass, and runs all jobs due by then.
  package func pass() async throws {
    await sandbox.advance(seconds: Self.step)
    try await scheduler.tick()
    try await worker.workOff()
  }

  /// The changes that were applied since `moment`.
  func changesApplied(since moment: Instant) async throws -> Int {
    var filter = AdChangeFilter()
    filter.limit = AdChangeService.page
    return try await system.changes.list(filter, of: settings.account).items.count {
      ($0.state == .verified || $0.state == .rolledBack) && ($0.finishedAt.map { $0 >= moment } ?? false)
    }
  }

  /// The worth of the account's deals at their stages.
  func pipelineValue() async throws -> Money {
    let account = settings.account
    return try await system.database.read { [ads = system.ads] transaction in
      try ads.pipelineValues(of: account, in: transaction).values.reduce(.zero) { $0.adding($1) ?? $0 }
    }
  }
}
