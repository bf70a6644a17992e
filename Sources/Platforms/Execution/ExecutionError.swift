import Values
import Web

/// Why a change is not made, approved or taken back, or not shown.
package enum ExecutionError: FeatureError, Equatable {
  /// There is no such change.
  case unknownChange(TimedID, AccountID)
  /// There is no such batch.
  case unknownBatch(TimedID, AccountID)
  /// The settings would break a rule.
  case invalid(FieldProblem)
  /// The change stands where that cannot be done to it.
  case changeState(TimedID, ChangeState, rule: String)
  /// The proposal's time ran out.
  case changeExpired(TimedID, Instant)
  /// The account's mode is `observe`.
  case observing(AccountID)
  /// Nothing is written for now.
  case stopped(ExecutionStop)
  /// The change cannot be taken back.
  case notTakenBack(RefusalRecord)
  /// The ad account cannot be read, or may not be changed.
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
    case .changeExpired(let id, let moment): "change \(id) expired at \(moment): have it proposed anew"
    case .observing(let account):
      "account \(account) is in the mode observe, in which nothing is written: an admin has to set its limits and the "
        + "mode approve or automatic first"
    case .stopped(let stop): "execution is stopped: \(stop.text); an admin has to resume it first"
    case .notTakenBack(let refusal): refusal.text
    case .adAccount(let error): error.description
    }
  }
}
