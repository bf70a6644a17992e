import Execution
import Storage
import Values

/// The state of a change. Its transitions are in docs/execution.md, and the database allows no others.
package enum ChangeState: String, Hashable, Sendable, CaseIterable {
  /// It waits for approval.
  case proposed
  /// It waits to be applied.
  case approved
  /// An executor is working on it.
  case claimed
  /// It is being written, or was, and the outcome is not known yet.
  case applying
  /// It was written, and read back as expected.
  case verified
  /// It was not written, or another state was read back.
  case failed
  /// A limit, or somebody's edit, prevented it.
  case blocked
  /// It was not applied in time, or a newer proposal replaced it.
  case expired
  /// A person rejected it.
  case rejected
  /// It was written, and undone by another change.
  case rolledBack = "rolled_back"
}

/// A change as stored. Amounts are minor units of the account's currency.
package struct PendingAdChange: Sendable {
  package let id: TimedID
  /// The batch that it was proposed in.
  package let batchID: TimedID
  /// The decision that caused it; nil where there is none.
  package let decisionID: String?
  package let origin: ChangeOrigin
  package let object: ObjectID
  package let level: ObjectLevel
  package let name: String?
  package let action: ChangeAction
  /// The order in which changes are applied.
  package let rank: Int
  package let reason: String
  package let effect: ExpectedEffect
  package let deliveryShare: Share
  package let learning: LearningState
  package let ads: [String]
  package let totalLimit: Int64?
  package let proposedAt: Instant
  package let proposedBy: String
  package let expiresAt: Instant
  /// The change that it undoes; nil for others.
  package let rollbackOf: TimedID?
  package let state: ChangeState
  /// Why it is in its state, or what it waits for.
  package let stateReason: String?
  package let notBefore: Instant?
  package let approvedAt: Instant?
  package let approvedBy: String?
  /// When writing began.
  package let applyingAt: Instant?
  package let finishedAt: Instant?
  /// The change that undid it.
  package let rolledBackBy: TimedID?

  /// The amounts of a budget change, in major units; nil for other changes.
  package func budgets(in currency: Currency) -> (from: Money, to: Money)? {
    let amounts = ChangeAmounts(currency: currency)
    return action.budgets.map { (amounts.money($0.from), amounts.money($0.to)) }
  }

  /// Who approved it, in the form that the limits need.
  var approval: ExecutionPermit.Approval {
    switch approvedBy {
    case nil: .none
    case PendingAdChange.automatic: .system
    case let name?: .person(name)
    }
  }

  /// The approver where the account's mode is automatic.
  static let automatic = "automatic"
}

/// A change that was written, undone or rejected.
struct EndedChange: Hashable, Sendable {
  let id: TimedID
  let object: ObjectID
  let kind: ChangeKind
  let origin: ChangeOrigin
  let state: ChangeState
  let endedAt: Instant
}

/// A change to be stored.
struct AdChangeDraft: Sendable {
  let id: TimedID
  let batchID: TimedID
  let decisionID: String?
  let origin: ChangeOrigin
  let object: ObjectID
  let level: ObjectLevel
  let name: String?
  let action: ChangeAction
  let rank: Int
  let reason: String
  let effect: ExpectedEffect
  let deliveryShare: Share
  let learning: LearningState
  let ads: [String]
  let totalLimit: Int64?
  let proposedAt: Instant
  let proposedBy: String
  let expiresAt: Instant
  let rollbackOf: TimedID?
  let stateReason: String?
  let notBefore: Instant?
}

extension AdChangeDraft {
  /// A change proposed by a plan.
  init(
    _ change: ProposedChange, id: TimedID, batch: ChangeBatch
  ) {
    self.init(
      id: id, batchID: batch.id, decisionID: batch.decisionID, origin: change.origin, object: change.object,
      level: change.level, name: change.name, action: change.action, rank: change.rank, reason: change.reason,
      effect: change.effect, deliveryShare: change.deliveryShare, learning: change.learning,
      ads: change.ads.map(\.value), totalLimit: change.totalLimit, proposedAt: batch.madeAt, proposedBy: batch.madeBy,
      expiresAt: change.expiresAt, rollbackOf: nil, stateReason: change.waitsFor?.text, notBefore: change.notBefore)
  }

  /// A change that undoes `change`.
  init(
    takingBack change: PendingAdChange, id: TimedID, batch: ChangeBatch, reason: String?, expiresAt: Instant
  ) {
    let action = change.action.inverse
    let (effect, why) = (change.effect, reason.map { ": \($0)" } ?? "")
    let revenue = effect.revenue.map { estimate in
      ExpectedEffect.Estimate(
        mean: Self.negated(estimate.mean), low: Self.negated(estimate.low), high: Self.negated(estimate.high))
    }
    self.init(
      id: id, batchID: batch.id, decisionID: nil, origin: .rollback, object: change.object, level: change.level,
      name: change.name, action: action, rank: action.rank, reason: "undoes change \(change.id)\(why)",
      effect: ExpectedEffect(spend: Self.negated(effect.spend), revenue: revenue),
      deliveryShare: change.deliveryShare, learning: change.learning, ads: change.ads, totalLimit: nil,
      proposedAt: batch.madeAt, proposedBy: batch.madeBy, expiresAt: expiresAt, rollbackOf: change.id,
      stateReason: nil, notBefore: nil)
  }

  private static func negated(_ amount: Int64) -> Int64 { amount == .min ? .max : -amount }
}

/// Changes that were proposed together, and what was refused.
package struct ChangeBatch: Sendable {
  package let id: TimedID
  package let madeAt: Instant
  package let madeBy: String
  package let decisionID: String?
  /// The total that was split, in minor units; nil where there is no decision.
  package let totalBudget: Int64?
  /// How many changes it has.
  package var changes = 0
  /// A note on the batch as a whole.
  package var note = ""
  package var refusals: [RefusalRecord] = []
}

/// Something that was wanted but not proposed.
package struct RefusalRecord: Hashable, Sendable {
  package let object: String
  package let code: String
  package let text: String
}

/// An entry in a change's history.
package struct ChangeEvent: Sendable {
  package let at: Instant
  /// Who: a key's id, `cli:USER`, `system` or the executor's name.
  package let actor: String
  package let event: Kind
  /// The state after the event.
  package let state: ChangeState
  package let detail: String?
  /// The request to the platform, without secrets.
  package let request: String?
  /// The platform's reply, without secrets.
  package let response: String?

  /// What happened to a change.
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    case proposed, approved, rejected, expired, claimed, released, blocked
    /// It is about to be written.
    case intended
    /// It was not sent after all.
    case notSent = "not_sent"
    /// The reply was lost: reading will settle the outcome.
    case unknown
    case verified, failed
    case rolledBack = "rolled_back"
  }
}
