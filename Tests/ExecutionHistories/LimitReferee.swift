import Execution
import Values

/// Judges each write by the limits as they are written down for people, with arithmetic of its own: it shares no code
/// with the checker but the reading of the tree.
struct LimitReferee {
  private struct Entry {
    let object: ObjectID
    let action: ChangeAction
    let at: Instant
    let stopped: Set<ObjectID>
    let spendStopped: Double
  }

  let settings: ExecutionSettings
  private var entries: [Entry] = []
  private(set) var violations: [String] = []

  init(settings: ExecutionSettings) {
    self.settings = settings
  }

  private mutating func require(_ holds: Bool, _ rule: String) {
    if !holds, violations.count < 5 { violations.append(rule) }
  }

  // MARK: Plans

  mutating func judge(_ plan: ChangePlan, of request: PlanRequest, _ account: LiveAccount, _ moment: AccountMoment) {
    let targets = plan.changes.map { ChangeTarget($0.object, $0.action.kind) }
    require(Set(targets).count == targets.count, "a plan has two changes for one thing")
    require(request.open.isDisjoint(with: targets), "a plan changes what an open change has")
    require(plan.changes.map(\.rank) == plan.changes.map(\.rank).sorted(), "a plan is out of order")
    var after = account
    let before = Self.total(account, moment)
    for change in plan.changes {
      require(change.action.expects(account[change.object] ?? Self.nothing), "a proposal does not fit what is there")
      require(change.expiresAt > moment.now, "a proposal has expired from the start")
      after.apply(change.action, to: change.object, at: moment.now)
    }
    let limit = [request.split.map { Int128($0.total) }, settings.accountCap.map { Int128($0) }].compactMap { $0 }.min()
    let spend = Self.total(after, moment)
    require(
      spend <= max(before, limit ?? before),
      "a plan lets the account spend \(spend), more than the \(limit ?? before) that were decided and \(before) before")
    for change in plan.changes where change.action.kind == .setBudget {
      require(change.level != .ad, "a plan sets an ad's budget")
    }
  }

  private static var nothing: LiveObject {
    LiveObject(id: ObjectID("none") ?? missing, level: .ad, parentID: nil, state: .unknown)
  }

  private static var missing: ObjectID { preconditionFailure("no such id") }

  // MARK: Writes

  mutating func judge(
    _ action: ChangeAction, on id: ObjectID, origin: ChangeOrigin, totalLimit: Int64?, _ account: LiveAccount,
    _ moment: AccountMoment, platformMinimum: Int64
  ) {
    guard let object = account[id] else { return require(false, "a write to what is not there") }
    let today = entries.filter { $0.at >= moment.dayStart }
    if origin != .rollback {
      require(!isQuiet(moment), "a write in a quiet hour")
      require(today.count < settings.maxChangesPerDay, "more changes than a day has")
      judgeCooldown(object, account, moment)
    }
    if case .setBudget(let from, let to) = action {
      require(object.level != .ad && object.budget == .daily(from), "a budget where none lives, or not as expected")
      require(to >= max(platformMinimum, 1), "a budget under the platform's least")
      let hour = entries.filter {
        $0.object == id && $0.action.kind == .setBudget && $0.at > moment.now.adding(seconds: -3_600)
      }
      require(hour.count < settings.budgetEditsPerHour && hour.count < 4, "too many edits within an hour")
      if origin != .rollback { judgeStep(from: from, to: to, of: id, today) }
      if to < from { require(to >= settings.holderFloor ?? 0, "a cut under the floor") }
      if to > from {
        require(Self.cap(to, object, account, moment) <= Int128(settings.holderCap ?? .max), "over the cap")
      }
    }
    judgeTotals(action, on: id, totalLimit: totalLimit, account, moment)
    judgePauses(action, on: id, origin: origin, account, moment, today)
  }

  private func isQuiet(_ moment: AccountMoment) -> Bool {
    let (from, until) = (settings.quietFrom, settings.quietUntil)
    var hour = from
    while hour != until {
      if hour == moment.hour { return true }
      hour = (hour + 1) % 24
    }
    return !settings.changeHours.contains(day: moment.weekday, hour: moment.hour)
  }

  private mutating func judgeCooldown(_ object: LiveObject, _ account: LiveAccount, _ moment: AccountMoment) {
    let own = entries.last { $0.object == object.id }?.at
    for edit in [own, object.editedAt].compactMap({ $0 }) {
      require(
        moment.now.seconds - edit.seconds >= Int64(settings.cooldownMinutes) * 60 - 1, "a write in the time of cooldown"
      )
    }
    guard object.level == .adSet, object.learning == .learning else { return }
    for edit in [own, object.editedAt, object.lastSignificantEdit].compactMap({ $0 }) {
      require(
        moment.now.seconds - edit.seconds >= Int64(settings.learningCooldownMinutes) * 60 - 1, "a write while it learns"
      )
    }
  }

  private mutating func judgeStep(from: Int64, to: Int64, of id: ObjectID, _ today: [Entry]) {
    var bases = [from]
    for entry in today where entry.object == id {
      if case .setBudget(let first, _) = entry.action {
        bases.append(first)
        break
      }
    }
    for base in bases {
      let change = Int128((Int128(to) - Int128(base)).magnitude)
      require(
        change * 1_000_000 <= Int128(base) * Int128(settings.maxDailyChange.millionths), "a step over the day's limit")
    }
  }

  private mutating func judgeTotals(
    _ action: ChangeAction, on id: ObjectID, totalLimit: Int64?, _ account: LiveAccount, _ moment: AccountMoment
  ) {
    var changed = account
    changed.apply(action, to: id, at: moment.now)
    let (before, after) = (Self.total(account, moment), Self.total(changed, moment))
    if after < before { require(after >= Int128(settings.accountFloor ?? 0), "the account under its floor") }
    guard after > before else { return }
    require(after <= Int128(settings.accountCap ?? .max), "the account over its cap")
    require(after <= Int128(totalLimit ?? .max), "the account over what was decided")
    let most = Int128(settings.maxDailySpend ?? .max)
    require(after * 7 / 4 <= most, "the account may spend too much")
    let spent = account.objects.keys.reduce(Int128(0)) { $0 + Int128(account.paces[$1]?.spentToday ?? 0) }
    require(spent < most || settings.maxDailySpend == nil, "a raise after the day's money is spent")
  }

  private mutating func judgePauses(
    _ action: ChangeAction, on id: ObjectID, origin: ChangeOrigin, _ account: LiveAccount, _ moment: AccountMoment,
    _ today: [Entry]
  ) {
    let ads = account.objects.values.filter { $0.level == .ad }
    let running = ads.filter { runs($0, account) }.map(\.id)
    var stopped: Set<ObjectID> = []
    var share = 0.0
    if action == .pause {
      stopped = Set(running.filter { isIn($0, id, account) })
      let spend = running.reduce(0.0) { $0 + Double(account.paces[$1]?.dailySpend ?? 0) }
      let own = stopped.reduce(0.0) { $0 + Double(account.paces[$1]?.dailySpend ?? 0) }
      share = spend > 0 ? own / spend : Double(stopped.count) / Double(max(running.count, 1))
      if origin != .rollback, !stopped.isEmpty {
        let count = today.reduce(stopped.count) { $0 + $1.stopped.count }
        let all = running.count + today.reduce(0) { $0 + $1.stopped.count }
        require(Double(count) <= settings.maxAdsPaused.value * Double(all) + 1e-9, "too many ads stopped in a day")
        let shares = today.reduce(share) { $0 + $1.spendStopped }
        require(
          share == 0 || shares <= settings.maxDeliveryPaused.value + 1e-6, "too much of the delivery stopped in a day")
      }
    }
    entries.append(Entry(object: id, action: action, at: moment.now, stopped: stopped, spendStopped: share))
  }

  // MARK: The tree, read anew

  private func runs(_ object: LiveObject, _ account: LiveAccount) -> Bool {
    object.state == .active && (object.parentID.flatMap { account[$0] }.map { runs($0, account) } ?? true)
  }

  private func isIn(_ ad: ObjectID, _ id: ObjectID, _ account: LiveAccount) -> Bool {
    ad == id || (account[ad]?.parentID.map { isIn($0, id, account) } ?? false)
  }

  private static func total(_ account: LiveAccount, _ moment: AccountMoment) -> Int128 {
    account.objects.values.reduce(Int128(0)) { sum, object in
      guard account.delivers(object.id) else { return sum }
      switch object.budget {
      case .elsewhere: return sum
      case .daily(let amount): return sum + cap(amount, object, account, moment)
      case .lifetime:
        return sum + account.ads(in: object.id).reduce(Int128(0)) { $0 + Int128(account.paces[$1]?.dailySpend ?? 0) }
      }
    }
  }

  private static func cap(
    _ amount: Int64, _ object: LiveObject, _ account: LiveAccount, _ moment: AccountMoment
  ) -> Int128 {
    var most = Int128(amount)
    for schedule in object.schedules ?? [] where schedule.start < moment.dayEnd && schedule.end > moment.dayStart {
      switch schedule.raise {
      case .amount(let more): most = max(most, Int128(amount) + Int128(max(0, more)))
      case .factor(let factor): most = max(most, Int128(amount) * Int128(factor.millionths) / 1_000_000)
      }
    }
    most = min(most, Int128(Int64.max))
    let lends = object.level == .adSet && object.parentID.flatMap { account[$0]?.sharesBudgets } == true
    return lends ? min(most * 6 / 5, Int128(Int64.max)) : most
  }
}
