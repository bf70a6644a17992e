import Accounts
import App
import AppTestKit
import Execution
import Formats
import Jobs
import RemoteAPIs
import Storage
import TestKit
import Testing
import Values

@testable import Platforms

/// An account whose ad account is a ``FakeAdAccount``: a campaign (10) with two ad sets (11, 12) of 100.00 and 50.00 a day
/// and an ad in each (21, 22), and another campaign (13) with a budget of 80.00 of its own, an ad set (14) and an ad (23).
struct ExecutionBench: Sendable {
  let test: TestSystem
  let graph: FakeAdAccount
  let live: LiveAccounts
  let changes: AdChangeService
  let proposals: ProposalService
  let optimization: OptimizationService
  let settings: ExecutionSettingsService
  let executor: SafeExecutor

  var account: AccountID { test.account }

  init(mode: String = "approve") async throws {
    test = try await TestSystem()
    let (system, clock) = (test.system, test.clock)
    let graph = FakeAdAccount(clock: clock)
    self.graph = graph
    let now: @Sendable () -> Instant = { clock.now() }
    let client = MetaClient(
      transport: graph, adAccount: try #require(MetaAdAccountID("act_1")),
      credentials: MetaCredentials(token: Secret(FakeAdAccount.token)), now: now, sleep: { _ in })
    live = LiveAccounts(client: { _ in client }, clock: now)
    changes = AdChangeService(
      database: system.database, clock: now, accounts: system.accounts, queue: system.jobs, audit: system.audit,
      live: live)
    proposals = ProposalService(
      database: system.database, clock: now, accounts: system.accounts, ads: system.ads, queue: system.jobs)
    optimization = OptimizationService(
      database: system.database, clock: now, accounts: system.accounts, ads: system.ads, decisions: system.decisions,
      proposals: proposals, live: live)
    settings = ExecutionSettingsService(
      database: system.database, clock: now, accounts: system.accounts, audit: system.audit,
      sleep: { _ in
        // Calls that are about to leave do so first, as they would in the time that is waited for.
        for _ in 0..<1_000 { await Task.yield() }
        clock.advance(seconds: 1)
      })
    executor = SafeExecutor(
      database: system.database, clock: now, accounts: system.accounts, ads: system.ads, live: live, sleep: { _ in })
    graph.add("10", "campaigns")
    graph.add("11", "adsets", in: "10", daily: 10_000)
    graph.add("12", "adsets", in: "10", daily: 5_000)
    graph.add("13", "campaigns", daily: 8_000)
    graph.add("14", "adsets", in: "13")
    for (ad, adSet) in [("21", "11"), ("22", "12"), ("23", "14")] { graph.add(ad, "ads", in: adSet) }
    try await set(
      """
      {"holder_floor": 10, "holder_cap": 500, "account_floor": 20, "account_cap": 1000, "max_daily_spend": 2000,
       "max_ads_paused": 0.5, "max_delivery_paused": 0.5, "cooldown_minutes": 60, "learning_cooldown_minutes": 60}
      """)
    try await set(#"{"mode": "\#(mode)"}"#)
  }

  /// Changes the settings as a PUT of `json` would.
  func set(_ json: String) async throws {
    _ = try await settings.update(
      account, by: .system, ExecutionSettingsCoding.readChanges(Array(json.utf8), .usd))
  }

  static func id(_ text: String) throws -> ObjectID { try #require(ObjectID(text)) }

  /// Proposes budgets by ad, in minor units; `stopped` ads are to be paused.
  func propose(_ budgets: KeyValuePairs<String, Int64>, stopped: Set<String> = []) async throws -> [PendingAdChange] {
    let reading = try await live.read(account, .usd)
    var wish = ProposalService.Wish()
    wish.split = DecidedSplit(
      total: 23_000,
      ads: try budgets.map { id, budget in
        DecidedAd(
          id: try Self.id(id), budget: budget, stop: stopped.contains(id) ? "judged kill" : nil, outlook: nil)
      })
    wish.replaced = [.decision]
    return try await proposals.propose(wish, of: account, reading)?.changes ?? []
  }

  /// Proposes to lower the budget of ad set 11 to 90.00, and approves that.
  func approvedCut() async throws -> PendingAdChange {
    let change = try #require(try await propose(["21": 9_000]).first)
    try await changes.approve(change.id, of: account, by: .commandLine(user: "ada"))
    return try await stored(change)
  }

  func stored(_ change: PendingAdChange) async throws -> PendingAdChange {
    try await changes.change(change.id, of: account).change
  }

  func state(_ change: PendingAdChange) async throws -> ChangeState { try await stored(change).state }

  func history(_ change: PendingAdChange) async throws -> [ChangeEvent] {
    try await changes.change(change.id, of: account).history
  }

  @discardableResult
  func run() async throws -> SafeExecutor.Summary { try await executor.run(account) }
}
