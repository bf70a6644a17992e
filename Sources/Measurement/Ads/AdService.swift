import Accounts
import DecisionEngine
import Storage
import Values

/// The ads of an account: their figures, totals and states.
package struct AdService: AccountValuation {
  let database: any Database
  let clock: @Sendable () -> Instant
  let repository = AdStateRepository()
  let deliveries = AdDeliveryRepository()
  let days = DailyFiguresRepository()
  let accounts: AccountService
  let deals: DealService
  let audit: AuditService
  let listeners: [AdListener]
  let quotas = QuotaService()

  /// `clock` returns the current moment, and `listeners` are called with every change of ads.
  package init(
    database: any Database, clock: @escaping @Sendable () -> Instant, accounts: AccountService, deals: DealService,
    audit: AuditService, listeners: [AdListener] = []
  ) {
    self.database = database
    self.clock = clock
    self.accounts = accounts
    self.deals = deals
    self.audit = audit
    self.listeners = listeners
  }

  /// What the account's history currently shows about its stages. Nil where its stages form no funnel.
  package func learnedFunnel(
    of account: AccountID, configuration: AccountConfiguration
  ) async throws -> LearnedFunnel? {
    try await history(of: account, configuration: configuration, asOf: nil).map { LearnedFunnel($0, now: clock()) }
  }

  /// What was spent on past days, and the worth of the deals from them.
  package struct Record: Sendable {
    /// By day and ad, in major units.
    package var spend: [CalendarDay: [AdID: Double]] = [:]
    /// The current worth of the deals that entered the funnel on a day, by day and ad, in major units.
    package var returned: [CalendarDay: [AdID: Double]] = [:]
  }

  /// The record of the days from `first` to `last`, as currently known. Open deals count at the values that the
  /// account's decisions use.
  package func record(
    of account: AccountID, _ configuration: AccountConfiguration, from first: CalendarDay, to last: CalendarDay
  ) async throws -> Record {
    let calendar = try configuration.calendar
    var values: [String: Double] = [:]
    if configuration.stageValues == .learned {
      let funnel = try await learnedFunnel(of: account, configuration: configuration)
      for stage in funnel?.stages ?? [] { values[stage.name] = stage.value.value }
    }
    return try await database.read { [self, values] transaction in
      var record = Record()
      try repository.forEachDay(of: account, from: first, to: last, knownAt: nil, in: transaction) { day in
        record.spend[day.day, default: [:]][day.adID] = day.spend
      }
      try deals.forEachWorth(of: account, configuration, values: values, in: transaction) { adID, enteredAt, worth in
        let day = calendar.day(of: enteredAt)
        guard day >= first, day <= last else { return }
        record.returned[day, default: [:]][adID, default: 0] += worth
      }
      return record
    }
  }

  /// Stores an ad's actual figures for a day, replacing what was known of that day, and tells whether the ad is a
  /// winner. Throws an ``AdError`` where a figure violates a rule, and what ``AccountService/write(inTurnOf:_:)`` and
  /// quotas throw.
  package func feedback(
    _ day: DailyMetrics, of account: AccountID, by author: AuditActor = .system
  ) async throws -> FeedbackResult {
    if let problem = day.problem { throw AdError.invalid(problem) }
    return try await accounts.write(inTurnOf: account) { [self] configuration, transaction in
      let calendar = try configuration.calendar
      let time = FigureTime(clock(), calendar)
      if let problem = day.problem(today: calendar.day(of: time.now)) { throw AdError.invalid(problem) }
      let importID = try repository.startImport(
        of: account, source: "feedback", fileName: "", by: author, at: time.now, in: transaction)
      try quotas.hold(.ads, of: account, in: transaction) {
        try repository.updateFromMeta(
          of: account, insights: [day], importID: importID, at: time, in: transaction)
      }
      try refreshDeals(of: [day.adID], account: account, configuration, after: .figures, in: transaction)
      guard let record = try repository.get(day.adID, of: account, in: transaction) else {
        throw AdError.unknown(day.adID, account)
      }
      return FeedbackResult(state: try record.state(at: time.now, calendar: calendar), configuration)
    }
  }

  /// Records that `author` imported a file of deals. Files of daily figures are recorded when their rows are written.
  func startDealsImport(
    of account: AccountID, source: String, fileName: String, by author: AuditActor, in transaction: any Transaction
  ) throws {
    _ = try repository.startImport(
      of: account, source: source, fileName: fileName, by: author, at: clock(), in: transaction)
  }

  /// The ad's last complete days of delivery, oldest first: the figures of the current day are only partial.
  ///
  /// Throws ``AdError/unknown(_:_:)``.
  package func lastDays(_ count: Int, of adID: AdID, account: AccountID) async throws -> [DailyMetrics] {
    let now = clock()
    return try await database.read { [self] transaction in
      guard try repository.get(adID, of: account, in: transaction) != nil else {
        throw AdError.unknown(adID, account)
      }
      let today = try accounts.configuration(of: account, in: transaction).calendar.day(of: now)
      return try days.lastDays(count, of: adID, account: account, before: today, in: transaction)
    }
  }

  /// Whether the account has figures of ads, or deals.
  package func hasAmounts(of account: AccountID, in transaction: any Transaction) throws -> Bool {
    try repository.hasFigures(account, in: transaction) || deals.exist(in: account, transaction)
  }

  /// The current worth of the deals of each ad with figures.
  package func pipelineValues(of account: AccountID, in transaction: any Transaction) throws -> [AdID: Money] {
    try repository.getAll(of: account, in: transaction).reduce(into: [:]) { $0[$1.adID] = $1.deals.pipelineValue }
  }

  /// Sets the worth of the deals of every ad of the account under `configuration`.
  package func revalue(
    _ account: AccountID, _ configuration: AccountConfiguration, in transaction: any Transaction
  ) throws {
    try repository.clearDeals(of: account, in: transaction)
    try deals.recount(account, configuration.stages, in: transaction)
    try repository.updateFromHubSpot(
      deals.totals(of: account, configuration, in: transaction), of: account, in: transaction)
    try announce(
      .deals, Set(repository.getAll(of: account, in: transaction).map(\.adID)), of: account, configuration,
      in: transaction)
  }

  /// Subtracts a deal's old worth from its former ad and adds its new worth to its current one.
  ///
  /// Because each move adds exactly the change of the deal's worth, an ad's sums equal those over its deals after any
  /// number of moves.
  package func take(
    _ change: DealChange, of account: AccountID, _ configuration: AccountConfiguration,
    in transaction: any Transaction
  ) throws {
    guard change.before != change.after else { return }
    let before = change.before.map { deals.worth(of: $0, configuration) } ?? .zero
    let after = change.after.map { deals.worth(of: $0, configuration) } ?? .zero
    if let adID = change.before?.adID, adID == change.after?.adID {
      guard before != after else { return }
      try repository.addFromHubSpot(adID, of: account, change: try after.minus(before), in: transaction)
    } else {
      if let adID = change.before?.adID {
        try repository.addFromHubSpot(
          adID, of: account, change: try PipelineTotals.zero.minus(before), in: transaction)
      }
      if let adID = change.after?.adID {
        try repository.addFromHubSpot(adID, of: account, change: after, in: transaction)
      }
    }
    try announce(.deals, change.ads, of: account, configuration, in: transaction)
  }

  /// Recomputes the sums over the deals of every ad and returns how many ads had other sums.
  package func repairDeals(
    of account: AccountID, _ configuration: AccountConfiguration, in transaction: any Transaction
  ) throws -> Int {
    let totals = try deals.totals(of: account, configuration, in: transaction)
    var repaired: [AdID: PipelineTotals] = [:]
    for record in try repository.getAll(of: account, in: transaction) {
      let sums = totals[record.adID] ?? .zero
      if record.deals != sums { repaired[record.adID] = sums }
    }
    try repository.updateFromHubSpot(repaired, of: account, in: transaction)
    try announce(.deals, Set(repaired.keys), of: account, configuration, in: transaction)
    return repaired.count
  }

  /// What is stored for an ad; nil for one without figures.
  func record(of adID: AdID, account: AccountID, in transaction: any Transaction) throws -> AdRecord? {
    try repository.get(adID, of: account, in: transaction)
  }

  /// Sets the worth of the deals of `ads`, as the last step of a change of their figures or deals.
  func refreshDeals(
    of ads: Set<AdID>, account: AccountID, _ configuration: AccountConfiguration, after cause: AdChange.Cause,
    in transaction: any Transaction
  ) throws {
    try repository.updateFromHubSpot(
      deals.totals(of: ads, account: account, configuration, in: transaction), of: account, in: transaction)
    try announce(cause, ads, of: account, configuration, in: transaction)
  }
}

/// An ad's state after feedback, and whether it is a winner.
package struct FeedbackResult: Sendable {
  /// The ad's totals including the feedback.
  package let state: AdState
  /// Whether pipeline ROAS is above the account's threshold.
  package let winsByROAS: Bool
  /// Whether CTR is above the account's threshold.
  package let winsByCTR: Bool

  init(state: AdState, _ configuration: AccountConfiguration) {
    self.state = state
    winsByROAS = state.pipelineROAS > configuration.winnerROASThreshold
    winsByCTR = state.ctr > configuration.winnerCTRThreshold
  }

  /// Whether the ad is a winner by either measure.
  package var isWinner: Bool { winsByROAS || winsByCTR }
}
