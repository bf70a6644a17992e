import Formats
import HTTPTypes
import Values

/// An access token as Google grants it.
struct TokenGrant {
  let token: Secret
  /// Seconds from its granting on.
  let lifetime: Int64

  /// The most bytes of a token, which goes into the head of every call.
  private static let longest = 16 << 10
  private static let flavor = (name: "Metadata-Flavor", value: "Google")

  /// Asks for a token by a signed assertion.
  static func call(showing assertion: Secret, to url: String) -> HTTPCall {
    let form = URLText.joined([
      ("assertion", assertion.text), ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
    ])
    return HTTPCall(
      .post, url, headers: [.contentType: "application/x-www-form-urlencoded"], body: .bytes(Array(form.utf8)),
      timeLimit: .seconds(10), largestAnswer: 64 << 10)
  }

  /// Asks for a token of the machine's own service account.
  static func call(toMetadataServer host: String) -> HTTPCall {
    let query = URLText.joined([("scopes", GoogleTokens.scope)])
    var call = HTTPCall(
      .get, "http://\(host)/computeMetadata/v1/instance/service-accounts/default/token?\(query)",
      timeLimit: .seconds(5), largestAnswer: 64 << 10)
    call.setHeader(flavor.name, flavor.value)
    return call
  }

  /// Reads an answer.
  static func read(
    _ answer: HTTPAnswer, from source: GoogleCredential
  ) throws(FailedAttempt<GoogleError>) -> Self {
    if case .metadataServer(let host) = source, answer.header(flavor.name) != flavor.value {
      throw FailedAttempt(
        GoogleError(
          .unauthenticated,
          "what answers at \(host) is no metadata server of Google's; "
            + GoogleCredential.advice))
    }
    guard answer.status == 200 else { throw refusal(answer, source) }
    let field = try GoogleCalls.json(answer)
    return try GoogleCalls.read { () throws(JSONField.Problem) in
      let token = try field.member("access_token")
      let text = token.value.stringValue ?? ""
      guard (1...longest).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
        throw JSONField(.null, at: "access_token").problem("must be a token")
      }
      let lifetime = try field.member("expires_in").integer()
      guard lifetime > 0 else { throw try field.member("expires_in").problem("must be seconds from now") }
      return Self(token: Secret(text), lifetime: min(lifetime, 86_400))
    }
  }

  /// Sorts a call that brought no answer: no machine but Google's has a metadata server.
  static func unanswered(_ error: TransportError, by source: GoogleCredential) -> FailedAttempt<GoogleError> {
    let failure = FailedAttempt<GoogleError>(unanswered: error)
    guard case .metadataServer(let host) = source, error != .cancelled else { return failure }
    return FailedAttempt(
      GoogleError(.unauthenticated, "no metadata server answers at \(host): \(error); \(GoogleCredential.advice)"),
      repeatAfter: failure.repeatAfter)
  }

  private static func refusal(_ answer: HTTPAnswer, _ source: GoogleCredential) -> FailedAttempt<GoogleError> {
    let body = (try? JSONReader.read(answer.body) { try $0.readValue() }) ?? .null
    let code = body["error"]?.stringValue
    let isTransient = [408, 429, 500, 502, 503, 504].contains(answer.status) || code == "internal_failure"
    if isTransient {
      return FailedAttempt(
        GoogleError(.unavailable(retryAfter: nil), "no token was granted: status \(answer.status)", reason: code),
        repeatAfter: .zero)
    }
    let message =
      switch source {
      case .serviceAccount(let key):
        "no token was granted to \(key.email): \(words(body) ?? "status \(answer.status)"); check the key and the clock"
      case .metadataServer where answer.status == 404: "this machine has no service account; \(GoogleCredential.advice)"
      case .metadataServer(let host): "the metadata server at \(host) answered \(answer.status)"
      }
    return FailedAttempt(GoogleError(.unauthenticated, message, reason: code))
  }

  /// What Google says to people, without control characters.
  private static func words(_ body: JSONValue) -> String? {
    guard let text = body["error_description"]?.stringValue, PlainText.holds(text) else { return nil }
    return String(text.prefix(200))
  }
}
