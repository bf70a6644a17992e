import Accounts
import DecisionEngine
import Storage
import Values

/// Deals, their worth, and the ads that it is credited to.
package struct DealService: Sendable {
  private let repository = DealRepository()
  private let funnels = FunnelService()
  private let clock: @Sendable () -> Instant

  /// `clock` returns the current moment, for moves without a time.
  package init(clock: @escaping @Sendable () -> Instant) {
    self.clock = clock
  }

  /// What is stored for a deal.
  package func known(
    _ dealID: String, of account: AccountID, in transaction: any Transaction
  ) throws -> KnownDeal {
    try repository.known(dealID, of: account, in: transaction)
  }

  /// Applies what a CRM reports about a deal and returns the change; see ``KnownDeal``.
  package func apply(
    _ update: DealUpdate, of account: AccountID, _ stages: StageValues, in transaction: any Transaction
  ) throws -> DealChange {
    try apply(update, to: known(update.dealID, of: account, in: transaction), of: account, stages, in: transaction)
  }

  /// Does the same for a deal that was read in this transaction and has not changed since.
  package func apply(
    _ update: DealUpdate, to known: KnownDeal, of account: AccountID, _ stages: StageValues,
    in transaction: any Transaction
  ) throws -> DealChange {
    let now = clock()
    let (deal, moves) = known.taking(update, stages, at: now)
    try count(known, as: deal, moves, of: account, stages, in: transaction)
    if known.isAhead(of: now), !update.isComplete {
      try repository.bringBack(movesOf: known.id, to: now, account: account, in: transaction)
    }
    if deal != known.deal { try repository.save(deal, of: account, in: transaction) }
    let before = Set(known.moves)
    try repository.delete(before.subtracting(moves), of: known.id, account: account, in: transaction)
    try repository.insert(
      moves.subtracting(before), of: known.id, source: update.source, account: account, in: transaction)
    return DealChange(before: known.deal, after: deal)
  }

  /// Deletes a deal that was deleted in the CRM and returns the change.
  package func remove(
    _ dealID: String, of account: AccountID, _ stages: StageValues, in transaction: any Transaction
  ) throws -> DealChange {
    try remove(known(dealID, of: account, in: transaction), of: account, stages, in: transaction)
  }

  /// Does the same for a deal that was read in this transaction and has not changed since.
  package func remove(
    _ known: KnownDeal, of account: AccountID, _ stages: StageValues, in transaction: any Transaction
  ) throws -> DealChange {
    if known.deal != nil {
      try count(known, as: nil, [], of: account, stages, in: transaction)
      try repository.delete(known.id, of: account, in: transaction)
    }
    return DealChange(before: known.deal, after: nil)
  }

  /// Credits a known deal to another ad, or to none, and returns the change; nil for an unknown deal.
  func assign(
    _ known: KnownDeal, to adID: AdID?, of account: AccountID, _ stages: StageValues, in transaction: any Transaction
  ) throws -> DealChange? {
    guard let before = known.deal else { return nil }
    var after = before
    after.adID = adID
    if after != before {
      try count(known, as: after, Set(known.moves), of: account, stages, in: transaction)
      try repository.save(after, of: account, in: transaction)
    }
    return DealChange(before: before, after: after)
  }

  /// The worth of a deal for its ad. A deal in a stage that the account no longer has is worth nothing.
  func worth(of deal: Deal, _ configuration: AccountConfiguration) -> PipelineTotals {
    guard let stage = configuration.stages.stage(named: deal.stage) else { return .zero }
    return PipelineTotals(
      pipelineValue: SyntheticRevenue.value(of: stage, amount: deal.amount),
      cashRevenue: SyntheticRevenue.cash(of: stage, amount: deal.amount))
  }

  /// Subtracts the deal's previous path from the counts of the account's funnel, and adds its path as `deal` with
  /// `moves`. Must be called before either is stored, because outdated counts are rebuilt from what is stored.
  private func count(
    _ known: KnownDeal, as deal: Deal?, _ moves: Set<DealUpdate.Move>, of account: AccountID, _ stages: StageValues,
    in transaction: any Transaction
  ) throws {
    guard let map = FunnelMap(stages) else { return }
    if known.countedStages != map.signature { try recount(account, stages, in: transaction) }
    let (before, after) = (map.path(of: known.deal, known.moves), map.path(of: deal, moves))
    if before != after { try funnels.replace(before, by: after, map, of: account, in: transaction) }
  }

  /// Recounts the account's funnel, after its stages changed.
  func recount(_ account: AccountID, _ stages: StageValues, in transaction: any Transaction) throws {
    guard let map = FunnelMap(stages) else { return }
    let tallies = try count(account, map, until: Self.endOfTime, in: transaction)
    try funnels.rebuild(tallies, map, of: account, in: transaction)
  }

  /// The account's deals as counts: now, or as of just before `end`. Nil for an account whose stages form no funnel.
  func tallies(
    of account: AccountID, _ configuration: AccountConfiguration, until end: Instant?, in transaction: any Transaction
  ) throws -> FunnelTallies? {
    guard let map = FunnelMap(configuration.stages) else { return nil }
    if end == nil, try funnels.isCurrent(map, of: account, in: transaction) {
      return try funnels.tallies(of: account, map, in: transaction)
    }
    return try count(account, map, until: end ?? Self.endOfTime, in: transaction)
  }

  private static let endOfTime = Instant(microseconds: .max)

  private func count(
    _ account: AccountID, _ map: FunnelMap, until end: Instant, in transaction: any Transaction
  ) throws -> FunnelTallies {
    var tallies = FunnelTallies(funnel: map.funnel)
    var (dealID, path) = ("", DealPath())
    try repository.forEachMove(of: account, until: end, in: transaction) { known in
      if known.dealID != dealID {
        tallies.count(path, 1)
        (dealID, path) = (known.dealID, DealPath())
      }
      guard let move = map.move(into: known.stage) else { return }
      path.take(
        DealEvent(
          dealID: dealID, adID: known.adID, move: move, occurredAt: known.at, amount: known.amount?.majorUnits))
    }
    tallies.count(path, 1)
    return tallies
  }

  /// Converts an ad's sales of a day into exactly `count` won deals.
  func applyWonDeals(
    _ count: Int, of adID: AdID, on day: CalendarDay, account: AccountID, _ configuration: AccountConfiguration,
    in transaction: any Transaction
  ) throws {
    guard let won = configuration.stages.stages.first(where: { $0.kind == .won }) else {
      throw DealError.noWonStage
    }
    let calendar = try configuration.calendar
    let dealID = { (number: Int) in "sale:\(adID):\(day):\(number)" }
    for number in 0..<count {
      let move = DealUpdate.Move(stage: won.name, occurredAt: calendar.start(of: day))
      let update = DealUpdate(
        dealID: dealID(number), adID: adID, amount: configuration.aov, createdAt: nil, moves: [move],
        source: "ad_figures")
      _ = try apply(update, of: account, configuration.stages, in: transaction)
    }
    var surplus = count
    while try remove(dealID(surplus), of: account, configuration.stages, in: transaction).before != nil { surplus += 1 }
  }

  /// Whether the account has deals.
  func exist(in account: AccountID, _ transaction: any Transaction) throws -> Bool {
    try repository.hasDeals(account, in: transaction)
  }

  /// The moment of the latest move of the account's deals: up to `now`, or before `end` where that is given. Nil where
  /// there is none.
  func lastMove(
    of account: AccountID, before end: Instant?, now: Instant, in transaction: any Transaction
  ) throws -> Instant? {
    guard let end else { return try repository.lastEntry(of: account, until: now, in: transaction) }
    return try repository.lastMove(of: account, before: end, in: transaction)
  }

  /// Passes the ad of each attributed deal that entered its current stage at `moment` or later to `body`, except lost
  /// deals.
  func forEachEntered(
    of account: AccountID, _ configuration: AccountConfiguration, since moment: Instant,
    in transaction: any Transaction,
    _ body: (AdID) throws -> Void
  ) throws {
    try repository.forEachEntered(of: account, since: moment, in: transaction) { adID, stage in
      if configuration.stages.stage(named: stage)?.kind != .lost { try body(adID) }
    }
  }

  /// Sums the deals of each of `ads`; an ad without deals gets zero.
  func totals(
    of ads: Set<AdID>, account: AccountID, _ configuration: AccountConfiguration, in transaction: any Transaction
  ) throws -> [AdID: PipelineTotals] {
    var totals = Dictionary(uniqueKeysWithValues: ads.map { ($0, PipelineTotals.zero) })
    try repository.forEach(of: ads, account: account, in: transaction) { adID, stage, amount in
      try Self.add(stage: stage, amount: amount, to: &totals[adID, default: .zero], configuration)
    }
    return totals
  }

  /// Sums the deals of every ad of the account.
  ///
  /// Throws ``DealError/stageInUse(_:)`` where any deal, with or without an ad, is in an unknown stage.
  func totals(
    of account: AccountID, _ configuration: AccountConfiguration, in transaction: any Transaction
  ) throws -> [AdID: PipelineTotals] {
    for name in try repository.stages(of: account, in: transaction) { _ = try Self.stage(name, configuration) }
    var totals: [AdID: PipelineTotals] = [:]
    try repository.forEachAttributed(of: account, in: transaction) { adID, stage, amount in
      try Self.add(stage: stage, amount: amount, to: &totals[adID, default: .zero], configuration)
    }
    return totals
  }

  /// Sums the deals of every ad of the account as of just before `end`.
  func totals(
    of account: AccountID, until end: Instant, _ configuration: AccountConfiguration, in transaction: any Transaction
  ) throws -> [AdID: PipelineTotals] {
    try totals(of: account, until: end, configuration, in: transaction) { _ in end }
  }

  /// Sums the deals of each ad in `end`, as of just before its moment there, which is at most `latest`.
  func totals(
    of account: AccountID, until latest: Instant, _ configuration: AccountConfiguration,
    in transaction: any Transaction, before end: (AdID) -> Instant?
  ) throws -> [AdID: PipelineTotals] {
    var totals: [AdID: PipelineTotals] = [:]
    var last: (dealID: String, adID: AdID, stage: String, amount: Money?, at: Instant)?
    let settle = { () throws in
      guard let deal = last else { return }
      try Self.add(stage: deal.stage, amount: deal.amount, to: &totals[deal.adID, default: .zero], configuration)
    }
    try repository.forEachMove(of: account, until: latest, in: transaction) { known in
      guard let adID = known.adID, let end = end(adID), known.at < end else { return }
      if let last, last.dealID == known.dealID {
        let stages = configuration.stages
        guard (known.at, stages.position(of: known.stage)) >= (last.at, stages.position(of: last.stage)) else { return }
      } else {
        try settle()
      }
      last = (known.dealID, adID, known.stage, known.amount, known.at)
    }
    try settle()
    return totals
  }

  /// Passes each attributed deal's ad, its entry into the funnel and its worth in major units to `body`: its own amount
  /// once won, otherwise its stage's value from `values` or, where it is not there, from the configuration.
  func forEachWorth(
    of account: AccountID, _ configuration: AccountConfiguration, values: [String: Double],
    in transaction: any Transaction, _ body: (_ adID: AdID, _ enteredAt: Instant, _ worth: Double) throws -> Void
  ) throws {
    try repository.forEachEntry(of: account, in: transaction) { adID, enteredAt, name, amount in
      let stage = try Self.stage(name, configuration)
      let configured = SyntheticRevenue.value(of: stage, amount: amount).majorUnits
      let isSettled = stage.kind == .lost || (stage.kind == .won && amount != nil)
      try body(adID, enteredAt, isSettled ? configured : values[stage.name] ?? configured)
    }
  }

  private static func stage(_ name: String, _ configuration: AccountConfiguration) throws(DealError) -> DealStage {
    guard let stage = configuration.stages.stage(named: name) else { throw .stageInUse(name) }
    return stage
  }

  private static func add(
    stage name: String, amount: Money?, to totals: inout PipelineTotals, _ configuration: AccountConfiguration
  ) throws {
    let stage = try stage(name, configuration)
    try totals.add(
      pipelineValue: SyntheticRevenue.value(of: stage, amount: amount),
      cashRevenue: SyntheticRevenue.cash(of: stage, amount: amount))
  }
}
