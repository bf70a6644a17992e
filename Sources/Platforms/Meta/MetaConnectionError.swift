import Values
import Web

/// Why an account is not tied to an ad account, or its connection not shown.
package enum MetaConnectionError: FeatureError, Equatable {
  /// The account is tied to no ad account.
  case notConnected(AccountID)
  /// Another account has the ad account.
  case taken(String)
  /// There is no token that may be used; why, and what to do.
  case token(FieldProblem)

  package var code: String {
    switch self {
    case .notConnected: "not_found"
    case .taken: "ad_account_connected"
    case .token: "invalid_field"
    }
  }

  package var description: String {
    switch self {
    case .notConnected(let account): "a connection of account \(account) with Meta does not exist"
    case .taken(let adAccount): "ad account \(adAccount) is connected with another account already"
    case .token(let problem): problem.description
    }
  }
}
