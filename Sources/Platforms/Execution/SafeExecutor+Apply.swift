import Accounts
import Execution
import RemoteAPIs
import Storage
import Values

extension SafeExecutor {
  /// What is to be done with a claimed change, as decided in the transaction that notes it.
  private enum Intent: Sendable {
    case write(sendBy: Instant)
    case released
    case ended
  }

  /// Applies a claimed change: reads the object, notes that it is about to be written, writes, reads back.
  func apply(_ id: TimedID, _ run: inout ExecutorRun, _ summary: inout Summary) async throws {
    let account = run.account
    guard let change = try await stored(id, of: account) else { return }
    let object: LiveObject
    do {
      object = try await live.object(change.object, change.level, run.client)
    } catch  where error.kind == .notFound {
      return try await block(change, run, "\(change.level.noun) \(change.object) is not there any more", &summary)
    } catch {
      try await release(change, run, until: error.retryMoment(after: clock()), "it could not be read: \(error)")
      summary.released += 1
      summary.stop = "\(error)"
      return
    }
    guard change.action.expects(object) else {
      return try await block(change, run, object.obstacle(to: change.action, run.reading.currency.currency), &summary)
    }
    run.known.update(object)
    switch try await intend(change, run) {
    case .ended: summary.blocked += 1
    case .released: summary.released += 1
    case .write(let sendBy): try await write(change, sendBy: sendBy, &run, &summary)
    }
  }

  private func stored(_ id: TimedID, of account: AccountID) async throws -> PendingAdChange? {
    try await database.read { [accounts] transaction in
      let currency = try accounts.configuration(of: account, in: transaction).currency
      return try AdChangeRepository(currency).get(id, of: account, in: transaction)
    }
  }

  /// Checks the switches, the approval and the limits once more, and notes the write, all in one transaction.
  private func intend(_ change: PendingAdChange, _ run: ExecutorRun) async throws -> Intent {
    try await database.write { [self] transaction in
      let configuration = try accounts.configuration(of: run.account, in: transaction)
      let stored = try settings.get(
        of: run.account, in: configuration.currency, locking: true, in: transaction)
      let stopForAll = try settings.stopForAll(locking: true, in: transaction)
      let repository = AdChangeRepository(configuration.currency)
      guard let present = try repository.get(change.id, of: run.account, in: transaction), present.state == .claimed
      else { return .ended }
      let now = clock()
      guard present.expiresAt > now else {
        _ = try log.end(
          change.id, of: run.account, as: .expired, by: name, because: "its time ran out", in: transaction)
        return .ended
      }
      guard run.isFresh(at: now) else {
        let reason = "the ad account was read at \(run.reading.at), too long ago to check the change against it"
        try putOff(
          change.id, of: run.account, until: now.adding(seconds: Self.waitSeconds), because: reason, in: transaction)
        return .released
      }
      let moment = AccountMoment(now, try configuration.calendar)
      let permit = ExecutionPermit(
        stopForAll: stopForAll?.text, stop: stored.stop?.text, settings: stored.settings, moment: moment)
      let checker = try checker(
        for: present.object, stored.settings, configuration.currency, moment, run, repository, in: transaction)
      var verdict = permit.check(present.approval, origin: present.origin)
      if verdict == .allowed {
        verdict = checker.check(
          present.action, on: present.object, origin: present.origin, totalLimit: present.totalLimit)
      }
      switch verdict {
      case .later(let hit, let moment):
        let until = moment ?? now.adding(seconds: Self.waitSeconds)
        try putOff(change.id, of: run.account, until: until, because: hit.text, in: transaction)
        return .released
      case .never(let hit):
        _ = try log.end(change.id, of: run.account, as: .blocked, by: name, because: hit.text, in: transaction)
        return .ended
      case .allowed:
        let write = checker.write(present.action, on: present.object, at: now)
        return try intend(present, write, run, in: transaction)
      }
    }
  }

  /// How long a change waits where no moment is known from which it may be applied, in seconds.
  private static let waitSeconds: Int64 = 600

  /// How the account is, with what was written since it was read, by whomever of this system. Of the object of a change
  /// more is known: it was read last. A write that is not settled counts where it raises, because it may yet arrive, and
  /// makes no room where it cuts.
  private func checker(
    for object: ObjectID, _ settings: ExecutionSettings, _ currency: Currency, _ moment: AccountMoment,
    _ run: ExecutorRun,
    _ repository: AdChangeRepository, in transaction: any Transaction
  ) throws -> LimitChecker {
    let past = max(Int64(settings.learningCooldownMinutes) * 60, 2 * 86_400)
    let writes = try repository.writes(
      of: run.account, since: moment.now.adding(seconds: -past), in: transaction)
    var known = run.known
    for write in writes
    where write.object != object && write.settledAt.map({ $0 >= run.reading.at }) ?? write.action.isRaise {
      known.apply(write.action, to: write.object, at: write.at)
    }
    return LimitChecker(
      settings: settings, currency: currency, account: known, ledger: WriteLedger(writes), moment: moment,
      platformMinimum: run.reading.platformMinimum)
  }

  private func intend(
    _ change: PendingAdChange, _ write: PastWrite, _ run: ExecutorRun, in transaction: any Transaction
  ) throws -> Intent {
    let sendBy = write.at.adding(milliseconds: ExecutionSettingsService.sendWindow.milliseconds)
    let isNoted = try log.moves.intend(
      change.id, of: run.account, write, sendBy: sendBy, settleAt: write.at.adding(seconds: Self.settleSeconds),
      in: transaction)
    guard isNoted else { return .ended }
    try log.append(
      .intended, to: change.id, of: run.account, by: name, state: .applying,
      detail: "approved by \(change.approvedBy ?? "nobody")", request: change.request, in: transaction)
    return .write(sendBy: sendBy)
  }

  // MARK: Writing

  private func write(
    _ change: PendingAdChange, sendBy: Instant, _ run: inout ExecutorRun, _ summary: inout Summary
  ) async throws {
    var answer = "done"
    do {
      guard let id = MetaID(change.object.value) else { throw MetaError(.invalid, "no number of Meta's") }
      try await run.client.apply(try change.action.metaChange(in: run.reading.currency), to: id, leavingBy: sendBy)
    } catch let error as MetaError {
      answer = "\(error)"
      guard error.kind == .outcomeUnknown else { return try await notWritten(change, error, run, &summary) }
    } catch let error as MetaCurrencyError {
      try await fail(change, run, "\(error)", wasWritten: false, answer: nil, &summary)
      return
    }
    try await readBack(change, answer, &run, &summary)
  }

  /// The platform has not made the change, and says so: it is tried later where that may help.
  private func notWritten(
    _ change: PendingAdChange, _ error: MetaError, _ run: ExecutorRun, _ summary: inout Summary
  ) async throws {
    switch error.remedy {
    case .retry, .wait:
      let until = error.retryMoment(after: clock())
      try await database.write { [self] transaction in
        let reason = "not sent or not taken: \(error)"
        guard
          try log.moves.withdraw(change.id, of: run.account, until: until, because: reason, in: transaction)
        else { return }
        try log.append(
          .notSent, to: change.id, of: run.account, by: name, state: .approved, detail: reason, response: "\(error)",
          in: transaction)
      }
      summary.released += 1
      // A limit on edits of one object holds for that object alone.
      if case .limited(.budgetEdits, _) = error.kind { return }
      summary.stop = "\(error)"
    case .refreshToken, .stop, .pauseAccount, .readBack:
      try await fail(change, run, "\(error)", wasWritten: false, answer: "\(error)", &summary)
      if error.remedy != .stop { summary.stop = "\(error)" }
    }
  }

  /// How long to wait before a value that is not there yet is read once more.
  private static let secondLook = Duration.seconds(2)

  private func readBack(
    _ change: PendingAdChange, _ answer: String, _ run: inout ExecutorRun, _ summary: inout Summary
  ) async throws {
    var found = await look(at: change, run)
    if let object = found, change.action.expects(object) {
      try? await sleep(Self.secondLook)
      found = await look(at: change, run)
    }
    guard let object = found else {
      return try await leaveUnknown(change, run, "it could not be read back", answer, &summary)
    }
    run.known.update(object)
    if change.action.holds(for: object) {
      try await verify(change, run, answer, &summary)
    } else if answer != "done", change.action.expects(object) {
      try await leaveUnknown(change, run, "the value before is still there", answer, &summary)
    } else {
      let text = object.obstacle(to: change.action, run.reading.currency.currency)
      try await fail(change, run, "written, but \(text)", wasWritten: true, answer: answer, &summary)
    }
  }

  private func look(at change: PendingAdChange, _ run: ExecutorRun) async -> LiveObject? {
    try? await live.object(change.object, change.level, run.client)
  }

  /// Settles a change whose outcome is not known by reading the object.
  func settle(_ id: TimedID, _ run: ExecutorRun, _ summary: inout Summary) async throws {
    guard let change = try await stored(id, of: run.account), change.state == .applying else { return }
    guard let object = await look(at: change, run) else {
      return try await leaveUnknown(change, run, "it still cannot be read", nil, &summary)
    }
    summary.settled += 1
    if change.action.holds(for: object) {
      try await verify(change, run, "settled by reading: it is there", &summary)
    } else if change.action.expects(object) {
      try await fail(
        change, run, "settled by reading: the platform has not carried it out", wasWritten: false, answer: nil, &summary
      )
    } else {
      let text = object.obstacle(to: change.action, run.reading.currency.currency)
      try await fail(change, run, "settled by reading: \(text)", wasWritten: true, answer: nil, &summary)
    }
  }
}
