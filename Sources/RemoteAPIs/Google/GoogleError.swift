import Values

/// A call to one of Google's APIs that brought nothing: what happened, and what its caller should do.
package struct GoogleError: Error, Equatable, Sendable {
  /// What happened.
  package enum Kind: Equatable, Sendable {
    /// Google does not answer as it should now: try again, at the earliest after the time given.
    case unavailable(retryAfter: Duration?)
    /// A quota is used up: try again, at the earliest after the time given.
    case limited(retryAfter: Duration?)
    /// There is no credential, or Google refuses it: a person must act.
    case unauthenticated
    /// The credential may not do this: a person must act.
    case forbidden
    /// What was asked for is not there.
    case notFound
    /// What the call demanded of the present state does not hold; nothing was changed.
    case conditionNotMet
    /// Google refuses the call as it is: it must be changed, not repeated.
    case invalid
    /// Bytes came, or were stored, that are not those that were sent.
    case damaged
    /// The answer is not what Google documents.
    case unreadable
    /// The task was cancelled. A write may have taken place.
    case cancelled
  }

  /// What happened.
  package let kind: Kind
  /// What Google, the transport or this program said of it, without secrets, at most 400 characters.
  package let message: String
  /// Google's word for the error, such as `RESOURCE_EXHAUSTED` or `conditionNotMet`; nil where it gave none.
  package var reason: String?

  package init(_ kind: Kind, _ message: String, reason: String? = nil) {
    self.kind = kind
    self.message = message
    self.reason = reason
  }

  static let cancelled = GoogleError(.cancelled, "the call to Google was cancelled")
}

extension GoogleError: CustomStringConvertible {
  /// What happened and, where there is something to do, what.
  package var description: String {
    let word = reason.map { " (\($0))" } ?? ""
    return switch kind {
    case .unavailable(let time): "Google is not available: \(message)\(word); \(Self.again(time))"
    case .limited(let time): "Google's quota is used up: \(message)\(word); \(Self.again(time))"
    case .unauthenticated: "there is no credential that Google takes: \(message)\(word)"
    case .forbidden: "Google does not allow it: \(message)\(word); give the service account the missing role"
    case .notFound: "Google does not have it: \(message)\(word)"
    case .conditionNotMet: "it has changed at Google: \(message)\(word)"
    case .invalid: "Google refuses the call: \(message)\(word)"
    case .damaged: "the bytes were damaged on their way: \(message)\(word)"
    case .unreadable: "Google's answer cannot be read: \(message)\(word)"
    case .cancelled: message
    }
  }

  private static func again(_ time: Duration?) -> String {
    time.map { "try again after \($0)" } ?? "try again later"
  }
}
