import Accounts
import App
import Execution
import Storage
import TestKit
import Values

@testable import Measurement
@testable import Platforms

extension StatementCalls {
  private static func sorted<Element>(_ elements: some Sequence<Element>) -> [String] {
    elements.map { "\($0)" }.sorted()
  }

  private static func late(_ crossing: Crossing) -> Instant { crossing.now.adding(seconds: 9 * 86_400) }

  mutating func addExecution() {
    addExecutionSettings()
    addChanges()
    addMoves()
    addEnds()
    let deals = DealRepository()
    within("DealRepository.forEachEntered(of:since:in:_:)") { c, t in
      var found: [String] = []
      try deals.forEachEntered(of: c.caller.account, since: Instant(seconds: 0), in: t) { found.append("\(($0, $1))") }
      return found.sorted()
    }
  }

  private mutating func addExecutionSettings() {
    let settings = ExecutionSettingsRepository()
    within("ExecutionSettingsRepository.get(of:in:locking:in:)") { c, t in
      try settings.get(of: c.caller.account, in: .usd, locking: true, in: t)
    }
    within("ExecutionSettingsRepository.save(_:version:of:in:at:in:)") { c, t in
      var changed = ExecutionSettings()
      changed.proposalHours = 7
      try settings.save(changed, version: 9, of: c.caller.account, in: .usd, at: c.now, in: t)
    }
    within("ExecutionSettingsRepository.setStop(_:of:in:)") { c, t in
      try settings.setStop(ExecutionStop(at: c.now, by: "test", reason: "test"), of: c.caller.account, in: t)
    }
    forAll(
      "ExecutionSettingsRepository.stopForAll(locking:in:)", "ExecutionSettingsRepository.setStopForAll(_:in:)",
      because: "it is the switch of all accounts")
  }

  private mutating func addChanges() {
    let changes = AdChangeRepository(.usd)
    within("AdChangeRepository.insert(_:of:in:)") { c, t in
      let log = ChangeLog(clock: { c.now })
      let batch = ChangeBatch(
        id: log.newID(), madeAt: c.now, madeBy: "test", decisionID: nil, totalBudget: nil)
      try changes.insert(batch, of: c.caller.account, in: t)
      let draft = try TenantChanges.draft(log.newID(), batch, object: "99", budget: 5, at: c.now)
      try changes.insert(draft, of: c.caller.account, in: t)
    }
    within("AdChangeRepository.get(_:of:in:)") { c, t in
      try changes.get(c.named.change(.proposed), of: c.caller.account, in: t)
    }
    within("AdChangeRepository.list(_:of:in:)") { c, t in
      var filter = AdChangeFilter()
      filter.batch = c.named.batch
      return try changes.list(filter, of: c.caller.account, in: t)
    }
    within("AdChangeRepository.changes(ofBatch:account:in:)") { c, t in
      try changes.changes(ofBatch: c.named.batch, account: c.caller.account, in: t)
    }
    within("AdChangeRepository.openTargets(of:in:)") { c, t in
      Self.sorted(try changes.openTargets(of: c.caller.account, in: t))
    }
    within("AdChangeRepository.open(_:of:in:)") { c, t in
      guard let object = ObjectID("73") else { return [PendingAdChange]() }
      return try changes.open(ChangeTarget(object, .setBudget), of: c.caller.account, in: t)
    }
    within("AdChangeRepository.writes(of:since:in:)") { c, t in
      try changes.writes(of: c.caller.account, since: Instant(seconds: 0), in: t)
    }
    within("AdChangeRepository.ended(of:since:in:)") { c, t in
      try changes.ended(of: c.caller.account, since: Instant(seconds: 0), in: t)
    }
    within("AdChangeRepository.batches(of:before:limit:in:)") { c, t in
      try changes.batches(of: c.caller.account, before: nil, limit: 10, in: t)
    }
    within("AdChangeRepository.batch(_:of:in:)") { c, t in
      try changes.batch(c.named.batch, of: c.caller.account, in: t)
    }
  }

  private mutating func addMoves() {
    let moves = AdChangeMovesRepository()
    within("AdChangeMovesRepository.approve(_:of:by:at:in:)") { c, t in
      try moves.approve(c.named.change(.proposed), of: c.caller.account, by: "test", at: c.now, in: t)
    }
    within("AdChangeMovesRepository.claim(of:by:at:until:in:)") { c, t in
      try moves.claim(of: c.caller.account, by: "test", at: c.now, until: c.now.adding(seconds: 9), in: t)
    }
    within("AdChangeMovesRepository.release(_:of:until:because:in:)") { c, t in
      try moves.release(c.named.change(.claimed), of: c.caller.account, until: nil, because: "test", in: t)
    }
    within("AdChangeMovesRepository.intend(_:of:_:sendBy:settleAt:in:)") { c, t in
      guard let object = ObjectID("7") else { return false }
      return try moves.intend(
        c.named.change(.claimed), of: c.caller.account, PastWrite(object: object, action: .pause, at: c.now),
        sendBy: c.now, settleAt: c.now, in: t)
    }
    within("AdChangeMovesRepository.withdraw(_:of:until:because:in:)") { c, t in
      try moves.withdraw(c.named.change(.applying), of: c.caller.account, until: nil, because: "test", in: t)
    }
    within("AdChangeMovesRepository.postpone(_:of:until:because:in:)") { c, t in
      try moves.postpone(
        c.named.change(.applying), of: c.caller.account, until: c.now.adding(seconds: 99), because: "test", in: t)
    }
    within("AdChangeMovesRepository.expired(of:at:in:)") { c, t in
      try moves.expired(of: c.caller.account, at: Self.late(c), in: t)
    }
    within("AdChangeMovesRepository.proposed(of:from:in:)") { c, t in
      try moves.proposed(of: c.caller.account, from: [.decision], in: t)
    }
    within("AdChangeMovesRepository.abandoned(of:at:in:)") { c, t in
      try moves.abandoned(of: c.caller.account, at: Self.late(c), in: t)
    }
    within("AdChangeMovesRepository.unsettled(of:at:in:)") { c, t in
      try moves.unsettled(of: c.caller.account, at: Self.late(c), in: t)
    }
    within("AdChangeMovesRepository.hasApproved(of:at:in:)") { c, t in
      try moves.hasApproved(of: c.caller.account, at: Self.late(c), in: t)
    }
    within("AdChangeMovesRepository.underWay(of:in:)") { c, t in
      Self.sorted(try moves.underWay(of: c.caller.account, in: t))
    }
  }

  private mutating func addEnds() {
    let moves = AdChangeMovesRepository()
    within("AdChangeMovesRepository.end(_:of:as:because:at:in:)") { c, t in
      try moves.end(
        c.named.change(.proposed), of: c.caller.account, as: .rejected, because: "test", at: c.now, in: t)
    }
    within("AdChangeMovesRepository.settle(_:of:as:wasWritten:because:at:in:)") { c, t in
      try moves.settle(
        c.named.change(.applying), of: c.caller.account, as: .failed, wasWritten: false, because: "test", at: c.now,
        in: t)
    }
    within("AdChangeMovesRepository.rollBack(_:of:by:in:)") { c, t in
      try moves.rollBack(
        c.named.change(.verified), of: c.caller.account, by: TimedID(microseconds: 1, random: 1), in: t)
    }
    within("AdChangeMovesRepository.append(_:to:of:in:)") { c, t in
      let event = ChangeEvent(
        at: c.now, actor: "test", event: .claimed, state: .claimed,
        detail: nil, request: nil, response: nil)
      try moves.append(event, to: c.named.change(.proposed), of: c.caller.account, in: t)
    }
    within("AdChangeMovesRepository.history(of:account:in:)") { c, t in
      try moves.history(of: c.named.change(.proposed), account: c.caller.account, in: t)
    }
    forAll(
      "AdChangeMovesRepository.removeEnded(before:limit:in:)",
      "AdChangeMovesRepository.removeBatches(before:limit:in:)",
      because: "they remove what is old of every account")
  }
}
