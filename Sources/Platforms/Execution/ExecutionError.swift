import Values
import Web

/// Why a change cannot be made, approved, undone or shown.
package enum ExecutionError: FeatureError, Equatable {
  /// The change does not exist.
  case unknownChange(TimedID, AccountID)
  /// The batch does not exist.
  case unknownBatch(TimedID, AccountID)
  /// The settings would violate a rule.
  case invalid(FieldProblem)
  /// The change's state does not allow it.
  case changeState(TimedID, ChangeState, rule: String)
  /// The proposal has expired.
  case changeExpired(TimedID, Instant)
  /// The account's mode is `observe`.
  case observing(AccountID)
  case stopped(ExecutionStop)
  /// The change cannot be undone.
  case notTakenBack(RefusalRecord)
  /// The ad account cannot be read, or must not be changed.
  case adAccount(LiveAccountError)

  package var code: String {
    switch self {
    case .unknownChange, .unknownBatch: "not_found"
    case .invalid: "invalid_field"
    case .changeState: "change_state"
    case .changeExpired: "change_expired"
    case .observing: "observing"
    case .stopped: "stopped"
    case .notTakenBack(let refusal): refusal.code
    case .adAccount: "ad_account_unavailable"
    }
  }

  package var description: String {
    switch self {
    case .unknownChange(let id, let account): "change \(id) of account \(account) does not exist"
    case .unknownBatch(let id, let account): "batch \(id) of account \(account) does not exist"
    case .invalid(let problem): problem.description
    case .changeState(let id, let state, let rule): "change \(id) is \(state.rawValue): \(rule)"
    case .changeExpired(let id, let moment): "change \(id) expired at \(moment): run optimize for a new proposal"
    case .observing(let account):
      "account \(account) is in the mode observe, in which nothing is written: an admin must first set its limits and "
        + "the mode approve or automatic"
    case .stopped(let stop): "execution is stopped: \(stop.text); an admin must resume it first"
    case .notTakenBack(let refusal): refusal.text
    case .adAccount(let error): error.description
    }
  }
}
