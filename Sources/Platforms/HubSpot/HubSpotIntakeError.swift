import Jobs
import RemoteAPIs
import Web

/// Why a webhook's events are not accepted.
package enum HubSpotIntakeError: FeatureError, Equatable {
  /// The settings needed to check signatures are missing.
  case notConfigured
  /// Too many requests are waiting to be written.
  case tooBusy
  /// The request is not signed by HubSpot.
  case notSigned(HubSpotSignatureError)
  /// The body does not contain events.
  case unreadable(HubSpotWebhookError)

  /// The invalid field; nil where no field is.
  var problem: FieldProblem? {
    guard case .unreadable(.invalidField(let index, let field, let value, let rule)) = self else { return nil }
    return FieldProblem(field: "[\(index)].\(field)", value: value, rule: rule)
  }

  package var code: String {
    switch self {
    case .notConfigured: "hubspot_not_configured"
    case .tooBusy: "too_busy"
    case .notSigned: "invalid_signature"
    case .unreadable(.tooLarge): "content_too_large"
    case .unreadable(.notJSON): "invalid_json"
    case .unreadable: "invalid_field"
    }
  }

  package var description: String {
    switch self {
    case .notConfigured:
      "HUBSPOT_WEBHOOK_URL and HUBSPOT_CLIENT_SECRET are not both set, so no webhook can be checked"
    case .tooBusy: "too many webhooks are waiting; send it again later"
    case .notSigned(let error): "the request is not accepted: \(error)"
    case .unreadable(let error): problem?.description ?? "\(error)"
    }
  }

  package var verdict: JobVerdict {
    switch self {
    case .tooBusy: .retry(class: code)
    case .notConfigured, .notSigned, .unreadable: .discard(class: code, reason: description)
    }
  }
}
