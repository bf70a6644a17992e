import Execution
import Storage
import Values

/// Changes the state of changes and records each transition in their history, in one transaction.
struct ChangeLog: Sendable {
  let clock: @Sendable () -> Instant
  let moves = AdChangeMovesRepository()
  private let ids = TimedIDMaker()

  init(clock: @escaping @Sendable () -> Instant) {
    self.clock = clock
  }

  /// The id of a new change or batch.
  func newID() -> TimedID { ids.next(at: clock()) }

  /// Appends to a change's history.
  func append(
    _ event: ChangeEvent.Kind, to id: TimedID, of account: AccountID, by actor: String, state: ChangeState,
    detail: String? = nil, request: String? = nil, response: String? = nil, in transaction: any Transaction
  ) throws {
    try moves.append(
      ChangeEvent(
        at: clock(), actor: actor, event: event, state: state, detail: detail, request: request,
        response: response), to: id, of: account, in: transaction)
  }

  /// Approves a proposal. Returns false where it is not a proposal any more.
  func approve(_ id: TimedID, of account: AccountID, by actor: String, in transaction: any Transaction) throws -> Bool {
    guard try moves.approve(id, of: account, by: actor, at: clock(), in: transaction) else { return false }
    try append(.approved, to: id, of: account, by: actor, state: .approved, in: transaction)
    return true
  }

  /// Ends a change that was not written. Returns false where it is too late for that.
  func end(
    _ id: TimedID, of account: AccountID, as state: ChangeState, by actor: String, because reason: String,
    in transaction: any Transaction
  ) throws -> Bool {
    guard try moves.end(id, of: account, as: state, because: reason, at: clock(), in: transaction) else { return false }
    let event: ChangeEvent.Kind =
      switch state {
      case .rejected: .rejected
      case .blocked: .blocked
      default: .expired
      }
    try append(event, to: id, of: account, by: actor, state: state, detail: reason, in: transaction)
    return true
  }
}
