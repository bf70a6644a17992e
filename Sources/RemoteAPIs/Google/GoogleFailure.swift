import Formats
import HTTPTypes
import Values

/// What an attempt of a call to Google that failed means. The calls that are made by this may all be repeated: they read,
/// or state what must be there for them to change anything.
extension FailedAttempt<GoogleError> {
  /// Sorts a call that brought no whole answer.
  init(unanswered error: TransportError) {
    switch error {
    case .timedOut, .connectionFailed, .truncated:
      self.init(GoogleError(.unavailable(retryAfter: nil), "\(error)"), repeatAfter: .zero)
    case .tooLarge: self.init(GoogleError(.unreadable, "\(error)"))
    case .invalidCall(let reason): self.init(GoogleError(.invalid, reason))
    case .cancelled: self.init(.cancelled)
    }
  }

  /// Sorts an answer that refuses. `token` is taken out of its texts.
  init(_ answer: HTTPAnswer, hiding token: Secret?) {
    let envelope = GoogleErrorEnvelope(answer, hiding: token)
    let error = GoogleError(envelope.kind, envelope.message, reason: envelope.reason)
    self.init(error, repeatAfter: envelope.isTransient ? envelope.retryAfter ?? .zero : nil)
  }
}

/// The body of an error of Google's, any part of which may be missing, as may be the body. It may be no JSON at all.
private struct GoogleErrorEnvelope {
  private let error: JSONValue
  private let answer: HTTPAnswer
  private let token: Secret?

  init(_ answer: HTTPAnswer, hiding token: Secret?) {
    let body = (try? JSONReader.read(answer.body) { try $0.readValue() }) ?? .null
    // Some of Google's servers put the error into a list.
    error = (body.arrayValue?.first ?? body)["error"] ?? .null
    self.answer = answer
    self.token = token
  }

  var kind: GoogleError.Kind {
    switch answer.status {
    case 401: .unauthenticated
    case 403: isRateLimit ? .limited(retryAfter: retryAfter) : .forbidden
    case 404, 410: .notFound
    case 304, 412: .conditionNotMet
    case 408, 499, 500...599: .unavailable(retryAfter: retryAfter)
    case 429: .limited(retryAfter: retryAfter)
    case 400...498: .invalid
    default: .unreadable
    }
  }

  /// Whether Google's rules are to repeat such a call.
  var isTransient: Bool {
    switch answer.status {
    case 408, 429, 500, 502, 503, 504: true
    case 403: isRateLimit
    default: false
    }
  }

  /// The word for the error: that of the newer APIs, or of Cloud Storage.
  var reason: String? {
    (error["status"]?.stringValue ?? error["errors"]?.arrayValue?.first?["reason"]?.stringValue).map(cleaned)
  }

  var message: String {
    // A text of a few words may be the message itself; a page of HTML is none.
    let plain = String(decoding: answer.body.prefix(200), as: UTF8.self)
    let isText = error == .null && !plain.isEmpty && !plain.contains { "<{[".contains($0) }
    let message = error["message"]?.stringValue ?? error.stringValue ?? (isText ? plain : "")
    return cleaned(message.isEmpty ? "status \(answer.status) without a message" : message)
  }

  /// How long Google wants no such call: from its details, or the header; at most a day.
  var retryAfter: Duration? {
    let details = error["details"]?.arrayValue ?? []
    let info = details.first { $0["@type"]?.stringValue?.hasSuffix("google.rpc.RetryInfo") == true }
    let stated = info?["retryDelay"]?.stringValue.flatMap { $0.hasSuffix("s") ? Double($0.dropLast()) : nil }
    let seconds = stated ?? answer.headers[.retryAfter].flatMap(Double.init)
    guard let seconds, seconds >= 0, seconds.isFinite else { return nil }
    return .milliseconds(Int64(clamping: min(seconds, 86_400) * 1_000))
  }

  private var isRateLimit: Bool {
    ["rateLimitExceeded", "userRateLimitExceeded"].contains(reason ?? "")
  }

  private func cleaned(_ text: String) -> String {
    let text = token?.redacted(from: text) ?? text
    let plain = String(
      String.UnicodeScalarView(text.unicodeScalars.filter { $0.properties.generalCategory != .control }))
    return plain.count > 400 ? plain.prefix(399) + "…" : plain
  }
}
