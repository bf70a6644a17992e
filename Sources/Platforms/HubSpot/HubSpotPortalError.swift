import Values
import Web

/// Why a portal cannot be mapped to an account, or its events not be deleted.
package enum HubSpotPortalError: FeatureError, Equatable {
  /// The portal is mapped to an account already; nil where the account is not revealed.
  case mapped(portalID: Int64, to: AccountID?)

  package var code: String { "portal_mapped" }

  package var description: String {
    switch self {
    case .mapped(let portalID, let account?): "portal \(portalID) belongs to account \(account)"
    case .mapped(let portalID, nil): "portal \(portalID) belongs to an account already"
    }
  }
}
