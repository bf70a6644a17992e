import Values

/// Turns a decision about ads into changes to objects, within the account's limits.
///
/// It is pure: the checker that it is given holds everything it knows about the account, the time and the past. Each
/// proposal is checked as if those before it had been applied, so that the plan as a whole respects the limits.
package struct ChangePlanner {
  var checker: LimitChecker
  let request: PlanRequest
  var plan = ChangePlan()
  /// Budget cuts that come from something other than the split, by holder.
  var cuts: [ObjectID: Cut] = [:]

  /// Ads that are paused in favour of others that share their budgets.
  var outearned: Set<ObjectID> = []

  /// The amount to cut from a budget, and the reasons.
  struct Cut {
    var amount: Int64 = 0
    var wanted: [WantedChange] = []

    /// The first few reasons, and the number of the others.
    var reason: String {
      let shown = wanted.prefix(3).map(\.reason)
      let more = wanted.count > shown.count ? ["and \(wanted.count - shown.count) more"] : []
      return (shown + more).joined(separator: "; ")
    }
  }

  /// Budgets are not changed by less than this share: every edit counts against the platform's limits.
  package static let smallestChange = Share(millionths: 20_000)

  private init(_ request: PlanRequest, _ checker: LimitChecker) {
    self.request = request
    self.checker = checker
  }

  /// Plans `request` for the account as `checker` knows it.
  package static func plan(_ request: PlanRequest, _ checker: LimitChecker) -> ChangePlan {
    var planner = ChangePlanner(request, checker)
    planner.pauseAndCut()
    planner.setBudgets()
    planner.activate()
    return planner.plan
  }

  private mutating func pauseAndCut() {
    for wanted in request.wanted {
      switch wanted.action {
      case .pause: propose(.pause, wanted)
      case .reduce(let share): cut(wanted, by: share)
      case .activate: break
      }
    }
    for ad in (request.split?.ads ?? []).sorted(by: { $0.id < $1.id }) {
      guard let stop = ad.stop, checker.account.delivers(ad.id) else { continue }
      propose(.pause, WantedChange(.pause, ad.id, origin: .decision, reason: stop, outlook: ad.outlook))
    }
    pauseOutearnedAds()
  }

  private mutating func activate() {
    for wanted in request.wanted where wanted.action == .activate { propose(.activate, wanted) }
  }

  mutating func propose(_ action: ChangeAction, _ wanted: WantedChange) {
    guard checker.account[wanted.object] != nil else {
      return refuse(wanted.object, .unknownObject, "\(wanted.object) does not exist at the platform")
    }
    let spend = checker.account.dailySpend(in: wanted.object)
    let sign: Int64 = action == .pause ? -1 : 1
    let effect = ExpectedEffect(
      spend: sign * spend, revenue: wanted.outlook.map { Self.revenue(of: $0, at: sign * spend) })
    propose(action, on: wanted.object, wanted.origin, reason: wanted.reason, effect)
  }

  /// The effect of stopping or starting an ad on revenue, for which its mean return counts, not that of one more unit.
  private static func revenue(of outlook: AdReturn, at spend: Int64) -> ExpectedEffect.Estimate {
    estimate(spend, mean: outlook.average, low: outlook.marginalLow, high: outlook.averageHigh)
  }

  static func estimate(
    _ spend: Int64, mean: Double, low: Double, high: Double
  ) -> ExpectedEffect.Estimate {
    let part = { (rate: Double) in Int64(clamping: (Double(spend) * rate).rounded()) }
    return ExpectedEffect.Estimate(mean: part(mean), low: part(low), high: part(high))
  }

  private mutating func cut(_ wanted: WantedChange, by share: Share) {
    do {
      let holder = try self.holder(of: wanted.object)
      guard case .daily(let amount) = holder.budget else { return }
      let spend = min(checker.account.dailySpend(in: wanted.object), amount)
      cuts[holder.id, default: Cut()].amount = Amounts.sum([cuts[holder.id]?.amount ?? 0, share.of(spend)])
      cuts[holder.id]?.wanted.append(wanted)
    } catch {
      refuse(wanted.object, error)
    }
  }

  mutating func propose(
    _ action: ChangeAction, on id: ObjectID, _ origin: ChangeOrigin, reason: String, _ effect: ExpectedEffect,
    ads: [ObjectID] = []
  ) {
    guard let object = checker.account[id] else { return }
    guard !request.open.contains(ChangeTarget(id, action.kind)) else {
      return refuse(id, .openChange, "another change of \(object.title) is open")
    }
    let now = checker.moment.now
    let expiry = now.adding(seconds: Int64(checker.settings.proposalHours) * 3_600)
    let totalLimit = origin == .decision && action.isRaise ? request.split?.total : nil
    var (waitsFor, notBefore): (LimitHit?, Instant?)
    switch checker.check(action, on: id, origin: origin, totalLimit: totalLimit) {
    case .allowed: break
    case .later(let hit, let moment?) where moment < expiry: (waitsFor, notBefore) = (hit, moment)
    case .later(let hit, _), .never(let hit): return refuse(id, .limit(hit.limit), "\(object.title): \(hit.text)")
    }
    plan.changes.append(
      ProposedChange(
        object: id, level: object.level, name: object.name, action: action, origin: origin, reason: reason,
        effect: effect, deliveryShare: checker.account.deliveryShare(of: id),
        learning: checker.account.learning(of: id),
        ads: ads, totalLimit: totalLimit, waitsFor: waitsFor, notBefore: notBefore, expiresAt: expiry))
    checker.carryOut(action, on: id, at: now)
  }

  func text(_ amount: Int64) -> String { Amounts.text(amount, checker.currency) }

  mutating func refuse(_ id: ObjectID, _ code: Refusal.Code, _ text: String) {
    plan.refusals.append(Refusal(object: id, code: code, text: text))
  }

  mutating func refuse(_ id: ObjectID, _ error: LiveAccount.NoHolder) {
    switch error {
    case .orphan: refuse(id, .unknownObject, "the ad set or campaign of \(id) is not known")
    case .noBudget: refuse(id, .noBudget, "neither the ad set nor the campaign of \(id) has a daily budget")
    case .twoBudgets: refuse(id, .noBudget, "both the ad set and the campaign of \(id) have a budget")
    case .lifetime(let holder):
      refuse(id, .lifetimeBudget, "\(id) is paid by the lifetime budget of \(holder), which is never changed")
    }
  }

  /// Records which limit keeps a wanted budget from being set.
  mutating func refuseBudget(of holder: LiveObject, from current: Int64, to wanted: Int64) {
    let total = wanted > current ? request.split?.total : nil
    let verdict = checker.check(
      .setBudget(from: current, to: wanted), on: holder.id, origin: .decision, totalLimit: total)
    guard let hit = verdict.hit else {
      return refuse(holder.id, .tooSmall, "\(holder.title): the limits allow too small a change to be worth an edit")
    }
    refuse(holder.id, .limit(hit.limit), "\(holder.title): \(hit.text)")
  }
}
