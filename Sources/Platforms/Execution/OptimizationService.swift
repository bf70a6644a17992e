import Accounts
import DecisionEngine
import Decisions
import Execution
import Jobs
import Measurement
import Storage
import Values
import Web

/// Decides how to split an account's budget, compares that with the live state, and proposes changes.
package struct OptimizationService: Sendable {
  private let database: any Database
  private let clock: @Sendable () -> Instant
  private let accounts: AccountService
  private let ads: AdService
  private let decisions: DecisionService
  private let proposals: ProposalService
  private let live: LiveAccounts
  private let settings = ExecutionSettingsRepository()

  package init(
    database: any Database, clock: @escaping @Sendable () -> Instant, accounts: AccountService, ads: AdService,
    decisions: DecisionService, proposals: ProposalService, live: LiveAccounts
  ) {
    self.database = database
    self.clock = clock
    self.accounts = accounts
    self.ads = ads
    self.decisions = decisions
    self.proposals = proposals
    self.live = live
  }

  /// A request for an optimization.
  package struct Order: Sendable {
    package let account: AccountID
    package var author = AuditActor.system
    /// What the account should spend per day; nil for what its live budgets allow or, where no ad account is connected,
    /// for its recent daily spend.
    package var totalBudget: Money?
    package var policy = Policy.lagAware
    /// The seed of every draw; nil for a random one.
    package var seed: UInt64?
    /// Whether the order is refused where too much computing is already waiting for its account.
    package var isRefusedWhenBusy = true

    package init(account: AccountID) {
      self.account = account
    }
  }

  /// The result of an order.
  package enum Outcome: Sendable {
    /// Nothing was spent recently, and no live budget is known: there is nothing to split.
    case nothingToSplit
    /// A decision was made; nothing is proposed, for the given reason.
    case decided(DecisionService.Decided, total: Money, because: String)
    /// A decision was made, and changes were proposed.
    case proposed(DecisionService.Decided, total: Money, ProposalService.Proposed)
  }

  /// Decides, compares and proposes.
  ///
  /// Throws what a decision throws, and an ``ExecutionError`` where the ad account cannot be read or must not be
  /// changed: then nothing is proposed.
  package func optimize(_ order: Order) async throws -> Outcome {
    let configuration = try await accounts.configuration(of: order.account)
    let access = try await access(to: order.account, configuration.currency)
    guard let total = try await total(of: order, configuration, access) else { return .nothingToSplit }
    var asked = DecisionService.Order(account: order.account, totalBudget: total)
    asked.author = order.author
    asked.policy = order.policy
    asked.seed = order.seed
    asked.isRefusedWhenBusy = order.isRefusedWhenBusy
    let decided = try await decisions.decide(asked)
    let reading: LiveReading
    switch access {
    case .reading(let found): reading = found
    case .none(let reason): return .decided(decided, total: total, because: reason)
    }
    var wish = ProposalService.Wish()
    wish.split = DecidedSplit(decided, foreign: &wish.refusals)
    wish.decisionID = decided.id.description
    wish.note = decided.basis?.note ?? ""
    wish.author = order.author
    wish.stopsSameDay = true
    wish.replaced = [.decision, .sameDayStop]
    wish.isKeptEmpty = true
    guard let proposed = try await proposals.propose(wish, of: order.account, reading) else {
      return .decided(decided, total: total, because: "nothing has to change")
    }
    return .proposed(decided, total: total, proposed)
  }

  /// The current state of an ad account, or why there is nothing to read or change.
  private enum Access {
    case reading(LiveReading)
    case none(String)
  }

  /// Throws an ``ExecutionError`` where the ad account cannot be read at the moment, or must not be changed.
  private func access(to account: AccountID, _ currency: Currency) async throws -> Access {
    do {
      return .reading(try await live.read(account, currency))
    } catch let error as LiveAccountError {
      if case .noAccess(let reason) = error { return .none(reason) }
      throw ExecutionError.adAccount(error)
    }
  }

  /// The total to split: from the order, otherwise from the settings. Where neither has one, it is the sum of the
  /// account's live budgets, including those of ads that no decision covers: together they are what the account may
  /// spend, and the plan respects that.
  private func total(
    of order: Order, _ configuration: AccountConfiguration, _ access: Access
  ) async throws -> Money? {
    if let total = order.totalBudget { return total }
    guard case .reading(let reading) = access else { return try await decisions.dailySpend(of: order.account) }
    let (stored, paces) = try await database.read { [self] transaction in
      (
        try settings.get(of: order.account, in: configuration.currency, in: transaction),
        try ads.paces(of: order.account, configuration, at: clock(), in: transaction)
      )
    }
    let moment = AccountMoment(clock(), try configuration.calendar)
    let account = LiveAccount(reading.objects, paces: LiveAccount.paces(paces))
    let live = Int64(clamping: account.total(from: moment.dayStart, to: moment.dayEnd))
    let total = min(
      stored.settings.dailyBudget ?? live, stored.settings.accountCap ?? .max,
      BattleHardenedSampler.largestTotal)
    return total > 0 ? Money(minorUnits: total, of: configuration.currency) : nil
  }

  // MARK: Jobs

  /// Does the job.
  @Sendable package func optimize(
    _ job: ProcessBudgetOptimization, _ context: JobContext
  ) async throws -> JobReport? {
    var order = Order(account: job.accountID)
    order.isRefusedWhenBusy = false
    do {
      return JobReport(Self.report(try await optimize(order)))
    } catch ExecutionError.adAccount(let error) {
      return try report(error)
    }
  }

  /// The report of a job that could not read its ad account. Throws where it must be tried again.
  private func report(_ error: LiveAccountError) throws -> JobReport {
    if case .unreadable(let cause) = error { throw MetaJobError(cause, now: clock()) }
    return JobReport("nothing was proposed: \(error)")
  }

  /// The result of an order, in a sentence.
  package static func report(_ outcome: Outcome) -> String {
    switch outcome {
    case .nothingToSplit: "nothing was spent in the last \(DecisionService.spendDays) days"
    case .decided(let decided, let total, let reason): text(decided, total) + "; nothing is proposed: \(reason)"
    case .proposed(let decided, let total, let proposed):
      text(decided, total) + "; batch \(proposed.batch.id): \(proposed.changes.count) changes proposed, "
        + "\(proposed.batch.refusals.count) refused"
    }
  }

  private static func text(_ decided: DecisionService.Decided, _ total: Money) -> String {
    "\(total) a day over the running ads: decision \(decided.id)" + (decided.basis?.note.map { "; \($0)" } ?? "")
  }

  /// Proposes to pause ad sets that spend money today without results.
  @Sendable package func stopSameDay(_ job: StopSameDay, _ context: JobContext) async throws -> JobReport? {
    guard try await isSameDayStopDue(job.accountID) else { return JobReport("no ad set spends that much today") }
    let currency = try await accounts.configuration(of: job.accountID).currency
    let reading: LiveReading
    do {
      reading = try await live.read(job.accountID, currency)
    } catch let error as LiveAccountError {
      return try report(error)
    }
    var wish = ProposalService.Wish()
    wish.stopsSameDay = true
    guard let proposed = try await proposals.propose(wish, of: job.accountID, reading) else {
      return JobReport("every ad set that spends that much has results")
    }
    return JobReport(
      "batch \(proposed.batch.id): \(proposed.changes.count) ad sets to pause, \(proposed.batch.refusals.count) refused"
    )
  }

  /// Whether the account has spent as much today as one of its ad sets would have to, so that reading the platform is
  /// worth the calls.
  private func isSameDayStopDue(_ account: AccountID) async throws -> Bool {
    try await database.read { [self] transaction in
      let configuration = try accounts.configuration(of: account, in: transaction)
      let stored = try settings.get(of: account, in: configuration.currency, in: transaction).settings
      guard let cap = stored.accountCap else { return false }
      let paces = try ads.paces(of: account, configuration, at: clock(), in: transaction)
      return paces.values.reduce(into: Int128(0)) { $0 += Int128($1.spentToday) } >= Int128(stored.sameDayStop.of(cap))
    }
  }
}

extension DecidedSplit {
  /// A decision's budgets for ads; those whose ids are not ids of the platform are refused.
  fileprivate init(_ decided: DecisionService.Decided, foreign: inout [RefusalRecord]) {
    var ads: [DecidedAd] = []
    func add(_ adID: AdID, _ budget: Int64, _ stop: String?, _ outlook: AdReturn?) {
      guard let id = ObjectID(adID.value) else {
        foreign.append(
          RefusalRecord(
            object: adID.value, code: "unknown_object", text: "ad \(adID) is not the platform's: its id is a name"))
        return
      }
      ads.append(DecidedAd(id: id, budget: budget, stop: stop, outlook: outlook))
    }
    switch decided.selection {
    case .lagAware(let selection):
      for ad in selection.recommendations {
        let stop = ad.verdict == .stop ? LagAwareReasons.reason(for: ad) : nil
        add(ad.adID, ad.recommendedBudget, stop, AdReturn(ad.outlook))
      }
    case .battleHardened(let selection):
      let reasons = Reasons(decided.configuration.sampler().thresholds)
      for ad in selection.recommendations {
        add(ad.ad.adID, ad.recommendedBudget, ad.verdict == .stop ? reasons.reason(for: ad).text : nil, nil)
      }
    }
    self.init(total: decided.selection.totalBudget, ads: ads)
  }
}

extension AdReturn {
  init(_ outlook: AdOutlook) {
    self.init(
      marginal: outlook.marginalReturn, marginalLow: outlook.marginalLow, marginalHigh: outlook.marginalHigh,
      average: outlook.averageReturn, averageHigh: outlook.averageHigh)
  }
}
