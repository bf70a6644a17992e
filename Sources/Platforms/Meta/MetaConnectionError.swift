import Values
import Web

/// Why an account cannot be connected with an ad account, or its connection not be shown.
package enum MetaConnectionError: FeatureError, Equatable {
  /// The account is not connected with an ad account.
  case notConnected(AccountID)
  /// The ad account is connected with another account.
  case taken(String)
  /// There is no token that may be used; the problem says why, and what to do.
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
