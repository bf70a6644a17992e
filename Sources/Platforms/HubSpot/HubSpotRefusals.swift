import RemoteAPIs
import Web

extension HubSpotSignatureError {
  /// What a webhook that is refused for it is counted as.
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
