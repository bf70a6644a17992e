import Values
import Web

/// Why a configuration cannot be changed, shown or used.
package enum ConfigurationError: FeatureError, Equatable {
  /// A field violates a rule.
  case invalid(FieldProblem)
  /// The account has no configuration with this version.
  case unknownVersion(Int, AccountID)
  /// The configuration is at this version, which is not one of those that the change was made for.
  case changed(version: Int)
  /// Amounts in the current currency are stored.
  case currencyInUse(AccountID, Currency, wanted: Currency)

  package var code: String {
    switch self {
    case .invalid: "invalid_field"
    case .unknownVersion: "not_found"
    case .changed: "precondition_failed"
    case .currencyInUse: "currency_in_use"
    }
  }

  package var description: String {
    switch self {
    case .invalid(let problem): problem.description
    case .unknownVersion(let version, let account): "version \(version) of account \(account) does not exist"
    case .changed(let version):
      "the configuration is at version \(version); read it again and check whether the change still applies"
    case .currencyInUse(let account, let currency, let wanted):
      "account \(account) has amounts in \(currency); make another account for \(wanted)"
    }
  }
}
