import Values

/// Checks a change against the account's limits, given the current state of the account. The planner checks every
/// proposal, and a change is checked again when it is applied.
package struct LimitChecker: Sendable {
  package var settings: ExecutionSettings
  package var currency: Currency
  /// The account as it is now.
  package var account: LiveAccount
  package var ledger: WriteLedger
  package var moment: AccountMoment
  /// The lowest daily budget that the platform accepts.
  package var platformMinimum: Int64

  package init(
    settings: ExecutionSettings, currency: Currency, account: LiveAccount, ledger: WriteLedger, moment: AccountMoment,
    platformMinimum: Int64
  ) {
    self.settings = settings
    self.currency = currency
    self.account = account
    self.ledger = ledger
    self.moment = moment
    self.platformMinimum = platformMinimum
  }

  /// Checks an action on an object against the limits. `totalLimit` is the total that the decision behind it split.
  ///
  /// An amount that is not set limits nothing here; ``ExecutionPermit`` allows nothing to be written without it. A
  /// rollback must respect the platform's limits, floors, caps and totals, but not the limits that keep the system from
  /// acting too often: somebody wants the old value back.
  package func check(
    _ action: ChangeAction, on id: ObjectID, origin: ChangeOrigin, totalLimit: Int64?
  ) -> LimitVerdict {
    guard let object = account[id], action.expects(object) else {
      return .never(LimitHit(.changedSince, changedText(action, id)))
    }
    var verdicts = origin == .rollback ? [] : [checkChangesPerDay(), checkCooldown(id)]
    switch action {
    case .setBudget(let from, let to):
      verdicts += [checkEditsPerHour(id), checkMinimum(to)]
      if origin != .rollback { verdicts.append(checkChangePerDay(from: from, to: to, of: id)) }
      verdicts.append(checkHolder(from: from, to: to, of: id))
      verdicts.append(checkTotals(action, on: id, totalLimit: origin == .rollback ? nil : totalLimit))
    case .pause:
      if origin != .rollback { verdicts += [checkAdsPaused(id), checkDeliveryPaused(id)] }
      verdicts.append(checkTotals(action, on: id, totalLimit: nil))
    case .activate:
      verdicts.append(checkTotals(action, on: id, totalLimit: origin == .rollback ? nil : totalLimit))
    }
    return .strictest(of: verdicts)
  }

  /// The entry that the action would add to the ledger.
  package func write(_ action: ChangeAction, on id: ObjectID, at moment: Instant) -> PastWrite {
    guard case .pause = action else { return PastWrite(object: id, action: action, at: moment) }
    return PastWrite(
      object: id, action: action, at: moment, adsPaused: Int64(account.deliveringAds(in: id).count),
      deliveryPaused: account.deliveryShare(of: id))
  }

  /// Updates the account and the ledger as if the action had been carried out.
  package mutating func carryOut(_ action: ChangeAction, on id: ObjectID, at moment: Instant) {
    ledger.add(write(action, on: id, at: moment))
    account.apply(action, to: id, at: moment)
  }

  /// The daily budgets that an object may be given today, by its change limits, floor and cap: the lowest cut and the
  /// highest raise; nil where there is none.
  package func budgetRange(of id: ObjectID, from current: Int64) -> ClosedRange<Int64>? {
    let (least, most) = changeRange(of: id, from: current)
    var lowest = max(least, min(current, max(platformMinimum, 1)))
    if let floor = settings.holderFloor { lowest = max(lowest, min(floor, current)) }
    var highest = most
    if let cap = settings.holderCap { highest = min(highest, max(current, uncapped(cap, of: id))) }
    return lowest <= highest ? lowest...highest : nil
  }

  /// The largest daily budget with which the object can spend at most `cap` on this day.
  private func uncapped(_ cap: Int64, of id: ObjectID) -> Int64 {
    var (low, high) = (Int64(0), max(0, cap))
    while low < high {
      let middle = Int64(clamping: (Int128(low) + Int128(high) + 1) / 2)
      if (self.cap(of: middle, on: id) ?? .max) <= cap { low = middle } else { high = middle - 1 }
    }
    return low
  }

  func cap(of amount: Int64, on id: ObjectID) -> Int64? {
    account.cap(of: amount, on: id, from: moment.dayStart, to: moment.dayEnd)
  }

  var total: Int128 { account.total(from: moment.dayStart, to: moment.dayEnd) }

  /// The range that one day's changes may reach: relative to the budget at the start of the day, and to the current
  /// one, which a person may have set.
  private func changeRange(of id: ObjectID, from current: Int64) -> (least: Int64, most: Int64) {
    let bases = [current, ledger.budget(of: id, atStartOf: moment.dayStart) ?? current]
    let steps = bases.map { settings.maxDailyChange.of($0) }
    return (
      least: zip(bases, steps).map { Amounts.difference($0, $1) }.max() ?? current,
      most: zip(bases, steps).map { Amounts.sum([$0, $1]) }.min() ?? current
    )
  }
}

// MARK: The single limits

extension LimitChecker {
  private func text(_ amount: Int64) -> String { Amounts.text(amount, currency) }

  private func text(_ amount: Int128) -> String { text(Int64(clamping: amount)) }

  private func changedText(_ action: ChangeAction, _ id: ObjectID) -> String {
    guard let object = account[id] else { return "\(id) is not known" }
    return switch action {
    case .pause: "\(object.title) is not active but \(object.state.rawValue)"
    case .activate: "\(object.title) is not paused but \(object.state.rawValue)"
    case .setBudget(let from, _):
      switch object.budget {
      case .elsewhere: "\(object.title) has no budget of its own"
      case .daily(let amount): "the daily budget of \(object.title) is \(text(amount)), not \(text(from))"
      case .lifetime: "\(object.title) has a lifetime budget, which is never changed"
      }
    }
  }

  private func checkChangesPerDay() -> LimitVerdict {
    guard ledger.count(since: moment.dayStart) >= settings.maxChangesPerDay else { return .allowed }
    return .later(
      LimitHit(.changesPerDay, "\(settings.maxChangesPerDay) changes were applied today, which is the limit"),
      at: moment.dayEnd)
  }

  private func checkEditsPerHour(_ id: ObjectID) -> LimitVerdict {
    let edits = ledger.budgetEdits(of: id, after: moment.now.adding(seconds: -3_600))
    let surplus = edits.count - settings.budgetEditsPerHour
    guard surplus >= 0 else { return .allowed }
    return .later(
      LimitHit(.editsPerHour, "its budget was edited \(edits.count) times within an hour"),
      at: edits[surplus].adding(seconds: 3_600))
  }

  private func checkCooldown(_ id: ObjectID) -> LimitVerdict {
    let edits = [account[id]?.editedAt, ledger.lastWrite(to: id)].compactMap { $0 }
    let isLearning = account.isLearning(id)
    let significant = isLearning ? account.lastSignificantEdit(of: id) : nil
    guard let last = (edits + [significant].compactMap { $0 }).max() else { return .allowed }
    let minutes = isLearning ? settings.learningCooldownMinutes : settings.cooldownMinutes
    let end = last.adding(seconds: Int64(minutes) * 60)
    guard end > moment.now else { return .allowed }
    let why = isLearning ? "it is in the platform's learning phase, and " : ""
    return .later(
      LimitHit(isLearning ? .learning : .cooldown, "\(why)it was edited at \(last): it is not changed until \(end)"),
      at: end)
  }

  private func checkMinimum(_ amount: Int64) -> LimitVerdict {
    let least = max(platformMinimum, 1)
    guard amount < least else { return .allowed }
    return .never(LimitHit(.platformMinimum, "\(text(amount)) is less than the platform's minimum (\(text(least)))"))
  }

  private func checkChangePerDay(from: Int64, to: Int64, of id: ObjectID) -> LimitVerdict {
    let (least, most) = changeRange(of: id, from: from)
    guard to < least || to > most else { return .allowed }
    return .never(
      LimitHit(
        .changePerDay,
        "\(text(to)) is a larger change than \(settings.maxDailyChange) a day allows (\(text(least)) to \(text(most)))")
    )
  }

  private func checkHolder(from: Int64, to: Int64, of id: ObjectID) -> LimitVerdict {
    if to < from, let floor = settings.holderFloor, to < floor {
      return .never(LimitHit(.holderFloor, "\(text(to)) is below the floor of \(text(floor))"))
    }
    guard to > from else { return .allowed }
    guard let cap = cap(of: to, on: id) else {
      return .never(LimitHit(.unreadSchedule, "schedules that were not read change its budget: it is not raised"))
    }
    guard let limit = settings.holderCap, cap > limit else { return .allowed }
    let raised = cap == to ? "" : ", which is \(text(cap)) today with schedules and shared budgets,"
    return .never(LimitHit(.holderCap, "\(text(to))\(raised) is above the cap of \(text(limit))"))
  }

  /// The sums of all budgets before and after. Amounts above a limit may fall, but not rise.
  private func checkTotals(_ action: ChangeAction, on id: ObjectID, totalLimit: Int64?) -> LimitVerdict {
    let before = total
    var changed = account
    changed.apply(action, to: id, at: moment.now)
    let after = changed.total(from: moment.dayStart, to: moment.dayEnd)
    if after < before, let floor = settings.accountFloor, after < Int128(floor) {
      return .never(
        LimitHit(.accountFloor, "the account's budgets would sum to \(text(after)), below the floor of \(text(floor))"))
    }
    guard action.isRaise else { return .allowed }
    if let limit = settings.maxDailySpend, account.spentToday >= limit {
      return .later(
        LimitHit(.dailySpend, "the account has spent \(text(account.spentToday)) today, and may spend \(text(limit))"),
        at: moment.dayEnd)
    }
    guard after > before else { return .allowed }
    if let cap = settings.accountCap, after > Int128(cap) {
      return .later(
        LimitHit(.accountCap, "the account's budgets would sum to \(text(after)), above the cap of \(text(cap))"),
        at: nil)
    }
    if let totalLimit, after > Int128(totalLimit) {
      return .later(
        LimitHit(
          .decisionTotal,
          "the account's budgets would sum to \(text(after)), more than the decision's \(text(totalLimit))"),
        at: nil)
    }
    let exposure = after * Int128(ExecutionSettings.overdelivery.millionths) / 1_000_000
    if let limit = settings.maxDailySpend, exposure > Int128(limit) {
      return .later(
        LimitHit(
          .dailySpend,
          "the account could spend \(text(exposure)) on a day (its budgets and 75 % more), over \(text(limit))"),
        at: nil)
    }
    return .allowed
  }

  /// The ads that deliver and those that were paused today: the whole that today's shares refer to.
  private var adsOfToday: Int64 {
    Amounts.sum([Int64(account.deliveringAds.count), ledger.adsPaused(since: moment.dayStart)])
  }

  private func checkAdsPaused(_ id: ObjectID) -> LimitVerdict {
    let paused = ledger.adsPaused(since: moment.dayStart)
    let after = Amounts.sum([paused, Int64(account.deliveringAds(in: id).count)])
    let most = settings.maxAdsPaused.of(adsOfToday)
    guard after > most, after > paused else { return .allowed }
    return .later(
      LimitHit(
        .adsPaused,
        "\(after) of \(adsOfToday) ads would be paused today, and \(most) may be (\(settings.maxAdsPaused))"),
      at: moment.dayEnd)
  }

  private func checkDeliveryPaused(_ id: ObjectID) -> LimitVerdict {
    let own = account.deliveryShare(of: id)
    let after = ledger.deliveryPaused(since: moment.dayStart) + own
    guard own > .zero, after > settings.maxDeliveryPaused else { return .allowed }
    return .later(
      LimitHit(
        .deliveryPaused,
        "\(after) of the account's delivery would be paused today, and \(settings.maxDeliveryPaused) may be"),
      at: moment.dayEnd)
  }
}
