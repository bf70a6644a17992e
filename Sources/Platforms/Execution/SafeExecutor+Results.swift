import Accounts
import Execution
import RemoteAPIs
import Storage
import Values

extension SafeExecutor {
  func verify(
    _ change: PendingAdChange, _ run: ExecutorRun, _ answer: String, _ summary: inout Summary
  ) async throws {
    try await database.write { [self] transaction in
      let isSettled = try log.moves.settle(
        change.id, of: run.account, as: .verified, wasWritten: true, because: nil, at: clock(), in: transaction)
      guard isSettled else { return }
      try log.append(
        .verified, to: change.id, of: run.account, by: name, state: .verified, response: answer, in: transaction)
      guard let before = change.rollbackOf,
        try log.moves.rollBack(before, of: run.account, by: change.id, in: transaction)
      else { return }
      try log.append(
        .rolledBack, to: before, of: run.account, by: change.approvedBy ?? name, state: .rolledBack,
        detail: "taken back by change \(change.id)", in: transaction)
    }
    summary.verified += 1
  }

  func fail(
    _ change: PendingAdChange, _ run: ExecutorRun, _ reason: String, wasWritten: Bool, answer: String?,
    _ summary: inout Summary
  ) async throws {
    try await database.write { [self] transaction in
      let isSettled = try log.moves.settle(
        change.id, of: run.account, as: .failed, wasWritten: wasWritten, because: reason, at: clock(), in: transaction)
      guard isSettled else { return }
      try log.append(
        .failed, to: change.id, of: run.account, by: name, state: .failed, detail: reason, response: answer,
        in: transaction)
    }
    summary.failed += 1
  }

  /// The outcome stays unknown: the object is read again later.
  func leaveUnknown(
    _ change: PendingAdChange, _ run: ExecutorRun, _ reason: String, _ answer: String?, _ summary: inout Summary
  ) async throws {
    try await database.write { [self] transaction in
      try log.moves.postpone(
        change.id, of: run.account, until: clock().adding(seconds: Self.settleSeconds), because: reason, in: transaction
      )
      try log.append(
        .unknown, to: change.id, of: run.account, by: name, state: .applying, detail: reason, response: answer,
        in: transaction)
    }
    summary.released += 1
  }

  func block(
    _ change: PendingAdChange, _ run: ExecutorRun, _ reason: String, _ summary: inout Summary
  ) async throws {
    try await database.write { [self] transaction in
      _ = try log.end(change.id, of: run.account, as: .blocked, by: name, because: reason, in: transaction)
    }
    summary.blocked += 1
  }

  func release(_ change: PendingAdChange, _ run: ExecutorRun, until moment: Instant, _ reason: String) async throws {
    try await database.write { [self] transaction in
      try putOff(change.id, of: run.account, until: moment, because: reason, in: transaction)
    }
  }

  /// Gives a claimed change back.
  func putOff(
    _ id: TimedID, of account: AccountID, until moment: Instant, because reason: String, in transaction: any Transaction
  ) throws {
    guard try log.moves.release(id, of: account, until: moment, because: reason, in: transaction) else { return }
    try log.append(.released, to: id, of: account, by: name, state: .approved, detail: reason, in: transaction)
  }
}

extension PendingAdChange {
  /// The write as it is sent, without what opens the account.
  var request: String {
    switch action {
    case .pause: "POST /\(object) status=PAUSED"
    case .activate: "POST /\(object) status=ACTIVE"
    case .setBudget(_, let to): "POST /\(object) daily_budget=\(to)"
    }
  }
}

extension ChangeAction {
  /// The change in Meta's terms. Throws a `MetaCurrencyError` for an amount that cannot be sent.
  func metaChange(in currency: MetaCurrency) throws(MetaCurrencyError) -> MetaChange {
    switch self {
    case .pause: .pause
    case .activate: .activate
    case .setBudget(_, let to):
      .dailyBudget(try MetaAmount(ChangeAmounts(currency: currency.currency).money(to), in: currency))
    }
  }
}

extension LiveObject {
  /// What keeps `action` from being applied to the object as it is, or from being found done, in words.
  func obstacle(to action: ChangeAction, _ currency: Currency) -> String {
    if action.expects(self) { return "\(title) is as it was before" }
    let amounts = ChangeAmounts(currency: currency)
    guard case .setBudget(let from, let to) = action else {
      return action.holds(for: self)
        ? "\(title) is \(state.rawValue) already: somebody has switched it since"
        : "\(title) is \(state.rawValue): somebody has switched it since"
    }
    return switch budget {
    case .daily(to): "the daily budget of \(title) is \(amounts.money(to)) already: somebody has set it since"
    case .daily(let amount):
      "the daily budget of \(title) is \(amounts.money(amount)), neither \(amounts.money(from)) nor "
        + "\(amounts.money(to)): somebody has changed it since"
    case .lifetime: "\(title) has a lifetime budget now"
    case .elsewhere: "\(title) has no budget of its own any more"
    }
  }
}

extension MetaError {
  /// From when the same call may be made again: as the platform says, else some minutes after `now`.
  func retryMoment(after now: Instant) -> Instant {
    if case .wait(let until) = remedy { return max(until, now) }
    return now.adding(seconds: 300)
  }
}

extension Duration {
  /// Whole milliseconds.
  var milliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}

extension Instant {
  /// The moment so many milliseconds later.
  func adding(milliseconds: Int64) -> Instant { Instant(microseconds: microseconds + milliseconds * 1_000) }
}
