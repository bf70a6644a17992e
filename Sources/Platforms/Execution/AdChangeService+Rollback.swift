import Accounts
import Execution
import Formats
import Jobs
import Storage
import Values
import Web

extension AdChangeService {
  /// The result of a rollback request.
  package struct Rollback: Sendable {
    /// The changes that undo others, approved by whoever requested the rollback.
    package let changes: [PendingAdChange]
    /// The changes that were not undone, and why.
    package let refused: [RefusalRecord]
    package let currency: Currency
  }

  /// How long a rollback may wait to be applied, in seconds.
  private static let rollbackLifetime: Int64 = 86_400

  /// Undoes a written change: the object will be set to its previous state, in every mode except `observe`.
  ///
  /// Throws an ``ExecutionError``, also where the change was not written, where a person or another change has changed
  /// the object since, or while nothing may be written.
  package func rollBack(
    _ id: TimedID, of account: AccountID, by actor: AuditActor, reason: String?
  ) async throws -> PendingAdChange {
    let change = try await change(id, of: account).change
    let outcome = try await rollBack([change], of: account, by: actor, reason)
    guard let made = outcome.changes.first else {
      guard let refusal = outcome.refused.first else {
        throw Self.conflict(change, "it cannot be undone")
      }
      throw ExecutionError.notTakenBack(refusal)
    }
    return made
  }

  /// Undoes all written changes of a batch, the last first. Those that cannot be undone are returned, with the reason.
  ///
  /// Throws an ``ExecutionError``, also while nothing may be written.
  package func rollBack(
    batch id: TimedID, of account: AccountID, by actor: AuditActor, reason: String?
  ) async throws -> Rollback {
    let changes = try await batch(id, of: account).changes.filter { $0.state != .rejected && $0.state != .expired }
    return try await rollBack(changes.reversed(), of: account, by: actor, reason)
  }

  private func rollBack(
    _ changes: [PendingAdChange], of account: AccountID, by actor: AuditActor, _ reason: String?
  ) async throws -> Rollback {
    // A person's later changes are detected before anything is written; each object is checked once more when its
    // change is applied.
    let present = try await live.present(
      of: changes.filter { $0.state == .verified }.map { ($0.object, $0.level) }, account)
    let outcome = try await database.write { [self] transaction in
      let currency = try currency(of: account, in: transaction)
      try requireWriting(account, currency, in: transaction)
      try requireNoStop(account, currency, in: transaction)
      return try rollBack(changes, present, of: account, currency, by: actor, reason, in: transaction)
    }
    queue.wake(ApplyAdChanges.queue)
    return outcome
  }

  private func rollBack(
    _ changes: [PendingAdChange], _ present: [ObjectID: LiveObject], of account: AccountID, _ currency: Currency,
    by actor: AuditActor, _ reason: String?, in transaction: any Transaction
  ) throws -> Rollback {
    let repository = AdChangeRepository(currency)
    var refused: [RefusalRecord] = []
    var taken: [PendingAdChange] = []
    for known in changes {
      let change = try require(known.id, of: account, currency, in: transaction)
      if let refusal = try refusal(of: change, present[change.object], account, currency, in: transaction) {
        refused.append(refusal)
      } else {
        taken.append(change)
      }
    }
    guard !taken.isEmpty else { return Rollback(changes: [], refused: refused, currency: currency) }
    let now = log.clock()
    var batch = ChangeBatch(
      id: log.newID(), madeAt: now, madeBy: actor.description, decisionID: nil, totalBudget: nil)
    batch.changes = taken.count
    batch.note = "undoes \(taken.count) of \(changes.count) changes" + (reason.map { ": \($0)" } ?? "")
    batch.refusals = refused
    try repository.insert(batch, of: account, in: transaction)
    var made: [PendingAdChange] = []
    for change in taken {
      let draft = AdChangeDraft(
        takingBack: change, id: log.newID(), batch: batch, reason: reason,
        expiresAt: now.adding(seconds: Self.rollbackLifetime))
      try repository.insert(draft, of: account, in: transaction)
      try log.append(
        .proposed, to: draft.id, of: account, by: actor.description, state: .proposed, detail: draft.reason,
        in: transaction)
      _ = try log.approve(draft.id, of: account, by: actor.description, in: transaction)
      try audit.record(
        .changeRollbackRequested, of: change.id.description, by: actor, account: account,
        after: ["change": .string(draft.id.description), "reason": reason.map { .string($0) } ?? .null],
        in: transaction)
      made.append(try require(draft.id, of: account, currency, in: transaction))
    }
    try push(account, in: transaction)
    return Rollback(changes: made, refused: refused, currency: currency)
  }

  /// Why a change cannot be undone; nil where it can. A proposal for the same target is replaced.
  private func refusal(
    of change: PendingAdChange, _ present: LiveObject?, _ account: AccountID, _ currency: Currency,
    in transaction: any Transaction
  ) throws -> RefusalRecord? {
    let refusal = { (code: String, text: String) in
      RefusalRecord(object: change.object.value, code: code, text: "change \(change.id): \(text)")
    }
    guard change.state == .verified else {
      return refusal("change_state", "it is \(change.state.rawValue), and only a written change can be undone")
    }
    guard change.origin != .rollback else {
      return refusal("change_state", "it undoes another change itself: approve a new proposal instead")
    }
    if let present, !change.action.holds(for: present) {
      return refusal("changed_since", present.difference(from: change.action, currency))
    }
    let target = ChangeTarget(change.object, change.action.kind)
    let repository = AdChangeRepository(currency)
    for other in try repository.open(target, of: account, in: transaction) {
      let gaveWay =
        try other.state == .proposed
        && log.end(
          other.id, of: account, as: .expired, by: "system", because: "a rollback replaces it", in: transaction)
      if !gaveWay {
        return refusal("open_change", "change \(other.id) of the same object is \(other.state.rawValue)")
      }
    }
    return nil
  }

  private func requireNoStop(_ account: AccountID, _ currency: Currency, in transaction: any Transaction) throws {
    let own = try settings.get(of: account, in: currency, in: transaction).stop
    guard let stop = try own ?? settings.stopForAll(in: transaction) else { return }
    throw ExecutionError.stopped(stop)
  }
}

extension LiveObject {
  /// How the object differs from the state that `action` left it in.
  func difference(from action: ChangeAction, _ currency: Currency) -> String {
    let amounts = ChangeAmounts(currency: currency)
    switch (action, budget) {
    case (.setBudget(_, let to), .daily(let amount)):
      return "the daily budget of \(title) is \(amounts.money(amount)), not the \(amounts.money(to)) that it set: "
        + "somebody has changed it since"
    case (.setBudget, _): return "\(title) has no daily budget of its own any more"
    default: return "\(title) is \(state.rawValue): somebody has switched it since"
    }
  }
}
