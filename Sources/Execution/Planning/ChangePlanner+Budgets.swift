import Values

extension ChangePlanner {
  mutating func setBudgets() {
    var rollUps = rollUpSplit()
    for id in cuts.keys where rollUps[id] == nil {
      guard let holder = checker.account[id], case .daily(let amount) = holder.budget else { continue }
      rollUps[id] = BudgetRollUp(holder: holder, current: amount)
    }
    let steps = rollUps.values.filter { checker.account.delivers($0.holder.id) }.sorted { $0.holder.id < $1.holder.id }
      .compactMap { step(for: $0) }
    for step in steps where step.goal < step.rollUp.current { propose(step) }
    raise(steps.filter { $0.goal > $0.rollUp.current })
  }

  private mutating func rollUpSplit() -> [ObjectID: BudgetRollUp] {
    var rollUps: [ObjectID: BudgetRollUp] = [:]
    let paused = Set(plan.changes.map(\.object))
    for ad in (request.split?.ads ?? []).sorted(by: { $0.id < $1.id }) {
      guard let object = checker.account[ad.id], object.level == .ad else {
        refuse(ad.id, .unknownObject, "ad \(ad.id) does not exist at the platform")
        continue
      }
      guard checker.account.delivers(ad.id) || outearned.contains(ad.id) else {
        if !paused.contains(where: { checker.account.ads(in: $0).contains(ad.id) }) {
          refuse(ad.id, .notDelivering, "ad \(ad.id), its ad set or its campaign is switched off")
        }
        continue
      }
      do {
        let holder = try self.holder(of: ad.id)
        guard case .daily(let current) = holder.budget else { continue }
        var rollUp = rollUps[holder.id] ?? BudgetRollUp(holder: holder, current: current)
        if outearned.contains(ad.id) {
          rollUp.freed = Amounts.sum([rollUp.freed, ad.budget])
        } else {
          rollUp.ads.append(ad)
        }
        rollUps[holder.id] = rollUp
      } catch {
        refuse(ad.id, error)
      }
    }
    return rollUps
  }

  /// The object that holds the budget: for an ad its ad set or campaign, for an ad set itself or its campaign.
  func holder(of id: ObjectID) throws(LiveAccount.NoHolder) -> LiveObject {
    guard let object = checker.account[id] else { throw .orphan }
    switch (object.level, object.budget) {
    case (.ad, _): return try checker.account.holder(of: id)
    case (_, .daily): return object
    case (_, .lifetime): throw .lifetime(id)
    case (_, .elsewhere):
      guard let parent = object.parentID.flatMap({ checker.account[$0] }), case .daily = parent.budget else {
        throw .noBudget
      }
      return parent
    }
  }

  /// The target of a budget, as far as its own limits allow; nil where it stays unchanged.
  private mutating func step(for rollUp: BudgetRollUp) -> BudgetStep? {
    let (holder, current) = (rollUp.holder, rollUp.current)
    let cut = cuts[holder.id]
    var wanted = rollUp.ads.isEmpty ? current : rollUp.decided
    if let cut { wanted = min(wanted, Amounts.difference(current, cut.amount)) }
    let goal = checker.budgetRange(of: holder.id, from: current).map { min(max(wanted, $0.lowerBound), $0.upperBound) }
    guard let goal, isWorthwhile(from: current, to: goal) else {
      if isWorthwhile(from: current, to: wanted) {
        refuseBudget(of: holder, from: current, to: wanted)
      } else if cut != nil {
        refuse(
          holder.id, .tooSmall, "\(holder.title): the cut is too small to be worth an edit")
      }
      return nil
    }
    let because = rollUp.ads.isEmpty ? cut?.reason ?? "" : explanation(of: rollUp, goal: goal)
    return BudgetStep(
      rollUp: rollUp, goal: goal, origin: rollUp.ads.isEmpty ? cut?.wanted.first?.origin ?? .decision : .decision,
      reason: because)
  }

  private func isWorthwhile(from current: Int64, to goal: Int64) -> Bool {
    let change = (Int128(goal) - Int128(current)).magnitude
    return change >= UInt128(max(1, Self.smallestChange.of(current)))
  }

  /// Raises budgets as far as the totals allow, each by the same part of its wanted raise.
  private mutating func raise(_ steps: [BudgetStep]) {
    let rises = steps.map { rise(of: $0) }
    let wanted = rises.reduce(into: Int128(0)) { $0 += Int128($1) }
    let room = max(0, roomForRaises)
    for (index, step) in steps.enumerated() {
      var step = step
      if wanted > room {
        let part = Int64(clamping: Int128(rises[index]) * room / wanted)
        step.goal = min(step.goal, raised(step, by: part))
        guard isWorthwhile(from: step.rollUp.current, to: step.goal) else {
          refuseBudget(of: step.rollUp.holder, from: step.rollUp.current, to: steps[index].goal)
          continue
        }
      }
      propose(step)
    }
  }

  /// How much more the account may spend per day because of a raise.
  private func rise(of step: BudgetStep) -> Int64 {
    let cap = { (amount: Int64) in checker.cap(of: amount, on: step.rollUp.holder.id) ?? amount }
    return Amounts.difference(cap(step.goal), cap(step.rollUp.current))
  }

  /// The largest budget with which the account can spend at most `part` more per day.
  private func raised(_ step: BudgetStep, by part: Int64) -> Int64 {
    var (low, high) = (step.rollUp.current, step.goal)
    while low < high {
      let middle = Int64(clamping: (Int128(low) + Int128(high) + 1) / 2)
      var candidate = step
      candidate.goal = middle
      if rise(of: candidate) <= part { low = middle } else { high = middle - 1 }
    }
    return low
  }

  private var roomForRaises: Int128 {
    let limits = [request.split?.total, checker.settings.accountCap, checker.settings.maxDailySpend.map(Self.base)]
    guard let limit = limits.compactMap({ $0 }).min() else { return .max }
    return Int128(limit) - checker.total
  }

  /// The largest sum of budgets with which the platform spends at most `spend` on a day.
  private static func base(_ spend: Int64) -> Int64 {
    var (low, high) = (Int64(0), max(0, spend))
    while low < high {
      let middle = Int64(clamping: (Int128(low) + Int128(high) + 1) / 2)
      if ExecutionSettings.overdelivery.of(middle) <= spend { low = middle } else { high = middle - 1 }
    }
    return low
  }

  private mutating func propose(_ step: BudgetStep) {
    let (rollUp, goal) = (step.rollUp, step.goal)
    let change = Amounts.difference(goal, rollUp.current)
    let wanted = rollUp.ads.isEmpty ? cuts[rollUp.holder.id]?.wanted ?? [] : []
    let outlook = rollUp.outlook ?? (wanted.count == 1 ? wanted[0].outlook : nil)
    let effect = ExpectedEffect(
      spend: change,
      revenue: outlook.map {
        Self.estimate(change, mean: $0.marginal, low: $0.marginalLow, high: $0.marginalHigh)
      })
    propose(
      .setBudget(from: rollUp.current, to: goal), on: rollUp.holder.id, step.origin,
      reason: step.reason + "; its daily budget goes from \(text(rollUp.current)) to \(text(goal))", effect,
      ads: rollUp.ads.map(\.id) + wanted.map(\.object))
  }

  /// The decided budgets of the ads, which object holds their budget, and what is not part of the decision.
  private func explanation(of rollUp: BudgetRollUp, goal: Int64) -> String {
    let holder = rollUp.holder
    let shown = rollUp.ads.prefix(5).map { text($0.budget) }.joined(separator: ", ")
    let more = rollUp.ads.count > 5 ? " and \(rollUp.ads.count - 5) more" : ""
    var sentence =
      rollUp.ads.count == 1
      ? "ad \(rollUp.ads[0].id) was decided \(text(rollUp.decided)) a day, and its budget lives on \(holder.title)"
      : "\(rollUp.ads.count) ads were decided \(shown)\(more), together \(text(rollUp.decided)) a day, and their budget "
        + "lives on \(holder.title)"
    if rollUp.freed > 0 { sentence += "; \(text(rollUp.freed)) of it were decided for ads that are paused beside them" }
    let others = checker.account.deliveringAds(in: holder.id).count - rollUp.ads.count
    if others > 0 {
      sentence +=
        "; \(others) \(others == 1 ? "ad" : "ads") that it pays for \(others == 1 ? "is" : "are") not in the "
        + "decision"
    }
    if goal != rollUp.decided { sentence += "; limits allow \(text(goal)) today" }
    return sentence
  }
}
