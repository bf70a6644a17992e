/// Why a request was refused, for reasons that somebody may have to act on or wants to count.
package enum Refusal: String, Hashable, Sendable, CaseIterable {
  /// The request has no API key.
  case noKey = "no_key"
  /// The API key is unknown or revoked.
  case unknownKey = "unknown_key"
  /// The API key has expired.
  case expiredKey = "expired_key"
  /// The key's account is disabled.
  case disabledAccount = "disabled_account"
  /// The metrics were requested without their token.
  case metricsToken = "metrics_token"
  /// A webhook has no signature.
  case noSignature = "no_signature"
  /// A webhook's signature is of a version that is not accepted.
  case signatureVersion = "signature_version"
  /// A webhook's signing time is missing, malformed, or too far from now.
  case signatureTime = "signature_time"
  /// A webhook's signature matches no secret.
  case signatureMismatch = "signature_mismatch"
  /// A webhook arrived, and the process has no address or secret to check it with.
  case webhookNotConfigured = "webhook_not_configured"
  /// The account exceeds its request rate.
  case rateLimited = "rate_limited"
  /// Too much computing is waiting for the account.
  case computeBusy = "compute_busy"
  case bodyTooLarge = "body_too_large"
  /// The request is malformed HTTP, or its body broke off.
  case malformedRequest = "malformed_request"
  /// The request's head did not arrive in time.
  case slowHead = "slow_head"
  /// The request's body did not arrive in time.
  case slowBody = "slow_body"
  /// The limit of open connections is reached; further ones wait.
  case tooManyConnections = "too_many_connections"
  /// The client did not read its answer in time.
  case slowReader = "slow_reader"

  /// What an operator should check; nil where only the client can do something about it.
  var hint: String? {
    switch self {
    case .signatureMismatch: "check HUBSPOT_CLIENT_SECRET, HUBSPOT_CLIENT_SECRETS and HUBSPOT_WEBHOOK_URL"
    case .signatureVersion: "HUBSPOT_ACCEPT_SIGNATURE_V1=true accepts v1; HubSpot can be set to send v3"
    case .signatureTime: "check this machine's clock"
    case .webhookNotConfigured: "set HUBSPOT_WEBHOOK_URL and HUBSPOT_CLIENT_SECRET"
    case .rateLimited: "accounts limit --requests-per-minute changes the rate"
    case .tooManyConnections: "serve --max-connections and the limit of open files set the maximum"
    case .metricsToken: "check METRICS_TOKEN on both sides"
    default: nil
    }
  }
}
