import Values
import Web

/// Why a launch cannot be started, shown or retried.
package enum LaunchError: FeatureError, Equatable {
  /// The launch does not exist.
  case unknown(TimedID, AccountID)
  /// The request violates rules.
  case invalid([FieldProblem])
  /// One of its files cannot be read.
  case file(FieldProblem)
  /// The limit of launches in progress is reached.
  case tooMany(limit: Int)
  /// It has succeeded: there is nothing to retry.
  case done(TimedID)
  /// The account's mode is `observe`.
  case observing(AccountID)
  /// The ad account must not be changed; the text says what is missing, and what to do.
  case adAccount(String)
  /// The account reads no URL parameter that could name an ad.
  case untraceable(AccountID)

  package var code: String {
    switch self {
    case .unknown: "not_found"
    case .invalid, .file: "invalid_field"
    case .tooMany: "too_many_launches"
    case .done: "launched"
    case .observing: "observing"
    case .adAccount: "ad_account_unavailable"
    case .untraceable: "untraceable"
    }
  }

  package var description: String {
    switch self {
    case .unknown(let id, let account): "launch \(id) of account \(account) does not exist"
    case .invalid(let problems): problems.map(\.description).joined(separator: "; ")
    case .file(let problem): problem.description
    case .tooMany(let limit): "\(limit) launches are in progress: wait until one has ended"
    case .done(let id): "launch \(id) has created its ad: there is nothing to retry"
    case .observing(let account):
      "account \(account) is in the mode observe, in which nothing is written: an admin must first set its limits and "
        + "the mode approve or automatic"
    case .adAccount(let reason): reason
    case .untraceable(let account):
      "account \(account) reads no URL parameter for an ad's id, so no deal would be credited to the ad: "
        + "set ad_url_parameters first"
    }
  }
}
