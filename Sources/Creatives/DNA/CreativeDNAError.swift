import Values
import Web

/// Why creative DNA is not taken or not told.
package enum CreativeDNAError: FeatureError, Equatable {
  /// There is no DNA of the ad.
  case unknown(AdID, AccountID)
  /// The account knows no such ad.
  case unknownAd(AdID, AccountID)
  /// Nothing is said of the creative.
  case empty(AdID)
  /// More is said of the creative than is kept.
  case tooLong(AdID, bytes: Int)

  /// The most bytes of one ad's DNA as JSON.
  static let byteLimit = 65_536

  package var code: String {
    switch self {
    case .unknown, .unknownAd: "not_found"
    case .empty, .tooLong: "invalid_field"
    }
  }

  package var description: String {
    switch self {
    case .unknown(let ad, let account): "account \(account) has no creative DNA of ad \(ad)"
    case .unknownAd(let ad, let account): "account \(account) has no figures of ad \(ad)"
    case .empty(let ad): "the creative DNA of ad \(ad) has no field that says anything"
    case .tooLong(let ad, let bytes):
      "the creative DNA of ad \(ad) has \(bytes) bytes as JSON, of at most \(Self.byteLimit)"
    }
  }
}
