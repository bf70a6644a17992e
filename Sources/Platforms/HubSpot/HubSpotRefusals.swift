import RemoteAPIs
import Web

extension HubSpotSignatureError {
  /// The reason under which a refused webhook is counted.
  var refusal: Refusal {
    switch self {
    case .missing: .noSignature
    case .versionNotAccepted: .signatureVersion
    case .missingTimestamp, .malformedTimestamp, .stale, .fromFuture: .signatureTime
    case .mismatch: .signatureMismatch
    case .unusable: .webhookNotConfigured
    }
  }
}
