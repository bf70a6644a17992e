import Accounts
import DecisionEngine
import Storage
import Values
import Web

/// Deals, what they are worth, and which ad that counts for.
package struct DealService: Sendable {
  private let repository = DealRepository()
  private let funnels = FunnelService()
  private let clock: @Sendable () -> Instant

  /// `clock` tells the present moment, for moves whose own is unknown.
  package init(clock: @escaping @Sendable () -> Instant) {
    self.clock = clock
  }

  /// Takes in what a CRM says of a deal and returns what changed by it.
  ///
  /// The deal stands in the stage of its latest move, whatever order the moves come in; of two at one moment, the one
  /// into the later of `stages` counts. Where the update says what the deal's present stage is, it stands there. No move
  /// is later than the present moment: one that the CRM has for later is told now.
  package func apply(
    _ update: DealUpdate, of account: AccountID, _ stages: StageValues, in transaction: any Transaction
  ) throws -> DealChange {
    let now = clock()
    let before = try repository.get(update.dealID, of: account, in: transaction)
    let unknown = Deal(
      id: update.dealID, adID: nil, stage: "", amount: nil, stageEnteredAt: Instant(microseconds: .min),
      source: update.source)
    var deal = update.isComplete ? unknown : before ?? unknown
    deal.adID = update.adID ?? deal.adID
    deal.amount = update.amount ?? deal.amount
    let isAhead = deal.stageEnteredAt > now
    if isAhead { deal.stageEnteredAt = now }
    var moves: [DealRepository.Move] = []
    var present = update.present
    for move in update.moves {
      if move.occurredAt > now, !update.isComplete {
        present = present ?? DealUpdate.Present(stage: move.stage, closedAt: move.occurredAt)
        continue
      }
      moves.append(DealRepository.Move(stage: move.stage, at: move.occurredAt))
      let isLater =
        (move.occurredAt, stages.position(of: move.stage)) >= (deal.stageEnteredAt, stages.position(of: deal.stage))
      if isLater { (deal.stage, deal.stageEnteredAt) = (move.stage, move.occurredAt) }
    }
    if let present, present.stage != deal.stage {
      deal.stageEnteredAt = Self.moment(of: present, after: deal, createdAt: update.createdAt, now: now)
      deal.stage = present.stage
      moves.append(DealRepository.Move(stage: deal.stage, at: deal.stageEnteredAt))
    }
    try counting(deal.id, from: before, to: deal, of: account, stages, in: transaction) {
      if isAhead { try repository.bringBack(movesOf: deal.id, to: now, account: account, in: transaction) }
      if deal != before { try repository.save(deal, of: account, in: transaction) }
      if update.isComplete {
        try repository.deleteMoves(of: deal.id, except: Set(moves), account: account, in: transaction)
      }
      try repository.insert(moves, of: deal.id, source: update.source, account: account, in: transaction)
    }
    return DealChange(before: before, after: deal)
  }

  /// Since when a deal is taken to stand in its present stage: since its close, where that has been and is news; for a new
  /// deal without a close since its creation; else since now, which is after everything that is known of it.
  private static func moment(
    of present: DealUpdate.Present, after deal: Deal, createdAt: Instant?, now: Instant
  ) -> Instant {
    if let closedAt = present.closedAt, closedAt <= now, closedAt > deal.stageEnteredAt { return closedAt }
    if deal.stage.isEmpty, present.closedAt == nil, let createdAt, createdAt <= now { return createdAt }
    guard !deal.stage.isEmpty, deal.stageEnteredAt >= now else { return now }
    return Instant(microseconds: deal.stageEnteredAt.microseconds + 1)
  }

  /// Forgets a deal that the CRM has deleted and returns what changed by it.
  package func remove(
    _ dealID: String, of account: AccountID, _ stages: StageValues, in transaction: any Transaction
  ) throws -> DealChange {
    let deal = try repository.get(dealID, of: account, in: transaction)
    if let deal { try delete(deal, of: account, stages, in: transaction) }
    return DealChange(before: deal, after: nil)
  }

  /// Credits a known deal to another ad, or to none, and returns what changed by it; nil for a deal that is not known.
  func assign(
    _ dealID: String, to adID: AdID?, of account: AccountID, _ stages: StageValues, in transaction: any Transaction
  ) throws -> DealChange? {
    guard let before = try repository.get(dealID, of: account, in: transaction) else { return nil }
    guard before.adID != adID else { return DealChange(before: before, after: before) }
    var after = before
    after.adID = adID
    try counting(dealID, from: before, to: after, of: account, stages, in: transaction) {
      try repository.save(after, of: account, in: transaction)
    }
    return DealChange(before: before, after: after)
  }

  /// The deal as it stands, with the moves that are known, in time.
  package func known(
    _ dealID: String, of account: AccountID, in transaction: any Transaction
  ) throws -> (deal: Deal, moves: [DealUpdate.Move])? {
    guard let deal = try repository.get(dealID, of: account, in: transaction) else { return nil }
    let moves = try repository.moves(of: dealID, account: account, in: transaction)
      .map { DealUpdate.Move(stage: $0.stage, occurredAt: $0.at) }
    return (deal, moves)
  }

  /// What a deal is worth to its ad. A stage that the account no longer has is worth nothing.
  func worth(of deal: Deal, _ configuration: AccountConfiguration) -> PipelineTotals {
    guard let stage = configuration.stages.stage(named: deal.stage) else { return .zero }
    return PipelineTotals(
      pipelineValue: SyntheticRevenue.value(of: stage, amount: deal.amount),
      cashRevenue: SyntheticRevenue.cash(of: stage, amount: deal.amount))
  }

  private func delete(
    _ deal: Deal, of account: AccountID, _ stages: StageValues, in transaction: any Transaction
  ) throws {
    try counting(deal.id, from: deal, to: nil, of: account, stages, in: transaction) {
      try repository.delete(deal.id, of: account, in: transaction)
    }
  }

  /// Does `work`, which makes `after` of the deal `before`, and brings the counts of the account's funnel up to date.
  private func counting(
    _ dealID: String, from before: Deal?, to after: Deal?, of account: AccountID, _ stages: StageValues,
    in transaction: any Transaction, _ work: () throws -> Void
  ) throws {
    guard let map = FunnelMap(stages) else { return try work() }
    if try !funnels.isCurrent(map, of: account, in: transaction) { try recount(account, stages, in: transaction) }
    let pathBefore = try path(of: before, account: account, map, in: transaction)
    try work()
    let pathAfter = try path(of: after, account: account, map, in: transaction)
    if pathBefore != pathAfter { try funnels.replace(pathBefore, by: pathAfter, map, of: account, in: transaction) }
  }

  /// The way of a deal by the moves that are stored; that of no deal is empty.
  private func path(
    of deal: Deal?, account: AccountID, _ map: FunnelMap, in transaction: any Transaction
  ) throws -> DealPath {
    var path = DealPath()
    guard let deal else { return path }
    for known in try repository.moves(of: deal.id, account: account, in: transaction) {
      guard let move = map.move(into: known.stage) else { continue }
      path.take(
        DealEvent(dealID: deal.id, adID: deal.adID, move: move, occurredAt: known.at, amount: deal.amount?.majorUnits))
    }
    return path
  }

  /// Counts the account's funnel anew: once after its stages changed.
  func recount(_ account: AccountID, _ stages: StageValues, in transaction: any Transaction) throws {
    guard let map = FunnelMap(stages) else { return }
    let tallies = try count(account, map, until: Self.endOfTime, in: transaction)
    try funnels.rebuild(tallies, map, of: account, in: transaction)
  }

  /// What became of the account's deals, as counts: now, or as it was just before `end`. Nil for an account whose
  /// stages make no funnel.
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

  /// Makes an ad's sales of a day into that many won deals, exactly `count` of them.
  func applyWonDeals(
    _ count: Int, of adID: AdID, on day: CalendarDay, account: AccountID, _ configuration: AccountConfiguration,
    in transaction: any Transaction
  ) throws {
    guard let won = configuration.stages.stages.first(where: { $0.kind == .won }) else {
      throw APIError.invalid(field: "stages", value: "no won stage", rule: "sales need a stage of kind won")
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
    while let deal = try repository.get(dealID(surplus), of: account, in: transaction) {
      try delete(deal, of: account, configuration.stages, in: transaction)
      surplus += 1
    }
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

  /// Hands over the ad of each attributed deal that entered the stage it stands in at `moment` or later, deals that are
  /// lost left out.
  func forEachEntered(
    of account: AccountID, _ configuration: AccountConfiguration, since moment: Instant,
    in transaction: any Transaction,
    _ body: (AdID) throws -> Void
  ) throws {
    try repository.forEachEntered(of: account, since: moment, in: transaction) { adID, stage in
      if configuration.stages.stage(named: stage)?.kind != .lost { try body(adID) }
    }
  }

  /// Sums the deals of each of `ads`; an ad without deals has nothing.
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
  /// Throws an ``APIError`` of status 409 where any deal, with an ad or without, stands in an unknown stage.
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

  /// Sums the deals of every ad of the account as they stood just before `end`.
  func totals(
    of account: AccountID, until end: Instant, _ configuration: AccountConfiguration, in transaction: any Transaction
  ) throws -> [AdID: PipelineTotals] {
    var totals: [AdID: PipelineTotals] = [:]
    var last: (dealID: String, adID: AdID, stage: String, amount: Money?, at: Instant)?
    let settle = { () throws in
      guard let deal = last else { return }
      try Self.add(stage: deal.stage, amount: deal.amount, to: &totals[deal.adID, default: .zero], configuration)
    }
    try repository.forEachMove(of: account, until: end, in: transaction) { known in
      guard let adID = known.adID else { return }
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

  /// Hands over each attributed deal's ad, its entry into the funnel and its worth in major units: its own amount once
  /// won, else its stage's value by `values`, or by the configuration where those have none.
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

  private static func stage(_ name: String, _ configuration: AccountConfiguration) throws -> DealStage {
    guard let stage = configuration.stages.stage(named: name) else {
      throw APIError(
        .conflict, "stage_in_use", "deals stand in the stage \(name); keep it in the account's stages",
        details: [FieldProblem(field: "stages", value: name, rule: "must contain every stage that deals stand in")])
    }
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

extension StageValues {
  /// Where the stage of exactly this name stands in the pipeline; -1 for one that is not in it.
  fileprivate func position(of name: String) -> Int {
    stages.firstIndex { $0.name == name } ?? -1
  }
}
