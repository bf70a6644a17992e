/// Why a request was refused, where somebody may have to mend something or wants to know how often it happens.
package enum Refusal: String, Hashable, Sendable, CaseIterable {
  /// The request has no API key.
  case noKey = "no_key"
  /// The API key is unknown or revoked.
  case unknownKey = "unknown_key"
  /// The API key has expired.
  case expiredKey = "expired_key"
  /// The key's account is disabled.
  case disabledAccount = "disabled_account"
  /// The metrics were asked for without their token.
  case metricsToken = "metrics_token"
  /// A webhook has no signature.
  case noSignature = "no_signature"
  /// A webhook's signature is of a version that is not accepted.
  case signatureVersion = "signature_version"
  /// A webhook's time of signing is missing, malformed, or too far from now.
  case signatureTime = "signature_time"
  /// A webhook's signature fits no secret.
  case signatureMismatch = "signature_mismatch"
  /// A webhook came, and the process has no address or secret to check it with.
  case webhookNotConfigured = "webhook_not_configured"
  /// The account sends more requests than it may.
  case rateLimited = "rate_limited"
  /// The account asks for more computing than can wait.
  case computeBusy = "compute_busy"
  /// The body is too large.
  case bodyTooLarge = "body_too_large"
  /// The request breaks HTTP, or its body broke off.
  case malformedRequest = "malformed_request"
  /// The request's head did not come in time.
  case slowHead = "slow_head"
  /// The request's body did not come in time.
  case slowBody = "slow_body"
  /// As many connections are open as may be; further ones wait.
  case tooManyConnections = "too_many_connections"
  /// The client did not read its answer in time.
  case slowReader = "slow_reader"

  /// What an operator should look at; nil where it is the client's affair alone.
  var hint: String? {
    switch self {
    case .signatureMismatch: "check HUBSPOT_CLIENT_SECRET, HUBSPOT_CLIENT_SECRETS and HUBSPOT_WEBHOOK_URL"
    case .signatureVersion: "HUBSPOT_ACCEPT_SIGNATURE_V1=true accepts v1; HubSpot can be set to send v3"
    case .signatureTime: "check this machine's clock"
    case .webhookNotConfigured: "set HUBSPOT_WEBHOOK_URL and HUBSPOT_CLIENT_SECRET"
    case .rateLimited: "accounts limit --requests-per-minute changes the rate"
    case .tooManyConnections: "serve --max-connections and the limit of open files bound them"
    case .metricsToken: "check METRICS_TOKEN on both sides"
    default: nil
    }
  }
}
