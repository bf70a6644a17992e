import Values
import Web

/// Why a portal is not mapped to an account, or not forgotten.
package enum HubSpotPortalError: FeatureError, Equatable {
  /// The portal belongs to an account already; nil for one that is not told.
  case mapped(portalID: Int64, to: AccountID?)

  package var code: String { "portal_mapped" }

  package var description: String {
    switch self {
    case .mapped(let portalID, let account?): "portal \(portalID) belongs to account \(account)"
    case .mapped(let portalID, nil): "portal \(portalID) belongs to an account already"
    }
  }
}
