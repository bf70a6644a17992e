import Values
import Web

/// Why nothing is launched, or a launch not shown or tried again.
package enum LaunchError: FeatureError, Equatable {
  /// There is no such launch.
  case unknown(TimedID, AccountID)
  /// What was asked for breaks rules.
  case invalid([FieldProblem])
  /// A file of it cannot be read.
  case file(FieldProblem)
  /// As many launches as may be under way at once are.
  case tooMany(limit: Int)
  /// It is through: there is nothing to try again.
  case done(TimedID)
  /// The account's mode is `observe`.
  case observing(AccountID)
  /// The ad account may not be changed; what is missing, and what to do.
  case adAccount(String)
  /// The account reads no parameter of an address that could name an ad.
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
    case .tooMany(let limit): "\(limit) launches are under way: wait until one has ended"
    case .done(let id): "launch \(id) has made its ad: there is nothing to try again"
    case .observing(let account):
      "account \(account) is in the mode observe, in which nothing is written: an admin has to set its limits and the "
        + "mode approve or automatic first"
    case .adAccount(let reason): reason
    case .untraceable(let account):
      "account \(account) reads no parameter of an address for an ad's id, so that no deal would be credited to the ad: "
        + "set ad_url_parameters first"
    }
  }
}
