import Formats
import HTTPTypes
import Values

/// Classifies a failed attempt.
extension FailedAttempt<HubSpotError> {
  /// Classifies a call without a reply. All calls only read, so repeating one is safe.
  init(unanswered error: TransportError) {
    switch error {
    case .timedOut: self.init(.unavailable("\(error)", retryAfter: nil))
    case .connectionFailed: self.init(.unavailable("\(error)", retryAfter: nil), repeatAfter: .zero)
    case .truncated: self.init(.unreadable("\(error)"), repeatAfter: .zero)
    case .tooLarge: self.init(.unreadable("\(error)"))
    case .invalidCall(let reason): self.init(.invalid(reason, correlationID: nil))
    case .cancelled: self.init(.cancelled)
    }
  }

  /// Classifies an error reply, whose texts may repeat anything that was sent.
  init(_ answer: HTTPAnswer, hiding token: Secret) {
    let envelope = HubSpotErrorEnvelope(answer, hiding: token)
    let time = Self.retryAfter(answer)
    let isShort = (time ?? .zero) <= HubSpotClient.longestQuickWait
    switch answer.status {
    case 429:
      self.init(limit: envelope.limit, retryAfter: time ?? envelope.usualWait)
    case 401, 403:
      self.init(.unauthorized(envelope.messageWithScopes))
    case 404:
      self.init(.notFound(envelope.message))
    case 423:
      self.init(.unavailable(envelope.message, retryAfter: max(time ?? .zero, .seconds(2))))
    case 502, 503, 504:
      self.init(.unavailable(envelope.message, retryAfter: time), repeatAfter: isShort ? time ?? .zero : nil)
    case 477, 500...599:
      self.init(.unavailable(envelope.message, retryAfter: time))
    case 400...499:
      self.init(.invalid(envelope.message, correlationID: envelope.correlationID))
    default:
      self.init(.unreadable("the status \(answer.status) is not one of this call's"))
    }
  }

  private init(limit: HubSpotError.Limit, retryAfter: Duration?) {
    let isShort = retryAfter.map { $0 <= HubSpotClient.longestQuickWait } ?? false
    self.init(.rateLimited(limit, retryAfter: retryAfter), repeatAfter: limit != .daily && isShort ? retryAfter : nil)
  }

  /// Whole seconds up to a day; HubSpot sends no dates.
  private static func retryAfter(_ answer: HTTPAnswer) -> Duration? {
    guard let text = answer.headers[.retryAfter], let seconds = Int64(text), seconds >= 0 else { return nil }
    return .seconds(min(seconds, 86_400))
  }
}

/// The body of a HubSpot error; every field, and the body itself, may be missing.
private struct HubSpotErrorEnvelope {
  private let value: JSONValue
  private let status: Int
  private let token: Secret

  init(_ answer: HTTPAnswer, hiding token: Secret) {
    value = (try? JSONReader.read(answer.body) { try $0.readValue() }) ?? .null
    status = answer.status
    self.token = token
  }

  var message: String { clean(value["message"]?.stringValue ?? "status \(status) without a message") }

  var correlationID: String? { value["correlationId"]?.stringValue.map(clean) }

  /// The message with the scopes it refers to, which HubSpot puts into the context.
  var messageWithScopes: String {
    let contexts = ([value] + (value["errors"]?.arrayValue ?? [])).compactMap { $0["context"] }
    let scopes = contexts.flatMap { context -> [String] in
      guard case .object(let object) = context else { return [] }
      return object.members.flatMap { $0.value.arrayValue ?? [] }.compactMap(\.stringValue)
    }
    return scopes.isEmpty ? message : clean("\(message) (missing: \(scopes.joined(separator: ", ")))")
  }

  var limit: HubSpotError.Limit {
    switch value["policyName"]?.stringValue {
    case "DAILY": .daily
    case "SECONDLY", "TEN_SECONDLY_ROLLING": .secondly
    default: .unknown
    }
  }

  /// The length of the limit's window; nil for the daily limit, whose end depends on the account's time zone.
  var usualWait: Duration? {
    switch value["policyName"]?.stringValue {
    case "DAILY": nil
    case "SECONDLY": .seconds(1)
    default: .seconds(10)
    }
  }

  private func clean(_ text: String) -> String {
    let text = token.redacted(from: text)
    return text.count > 300 ? text.prefix(299) + "…" : text
  }
}
