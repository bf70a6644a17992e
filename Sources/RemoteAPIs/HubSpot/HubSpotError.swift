/// A failed call to HubSpot, classified by what the caller should do.
public enum HubSpotError: Error, Equatable, Sendable {
  /// Which of HubSpot's limits was reached.
  public enum Limit: String, Equatable, Sendable {
    /// The day's calls are used up until midnight in the account's time zone.
    case daily
    /// Too many calls within one or ten seconds.
    case secondly
    /// HubSpot did not say which.
    case unknown
  }

  /// Too many calls: try again after the given time, or later where none is given.
  case rateLimited(Limit, retryAfter: Duration?)
  /// HubSpot is not working normally now: try again later, at the earliest after the given time.
  case unavailable(String, retryAfter: Duration?)
  /// The token is wrong, has expired or lacks scopes: a person must act.
  case unauthorized(String)
  /// The record does not exist, or was deleted.
  case notFound(String)
  /// HubSpot rejects the call as it is: it must be changed, not repeated.
  case invalid(String, correlationID: String?)
  /// The reply broke off or is not as documented.
  case unreadable(String)
  /// The task that made the call was cancelled.
  case cancelled
}

extension HubSpotError {
  /// Whether the same call may succeed later.
  public var isRetryable: Bool {
    switch self {
    case .rateLimited, .unavailable, .unreadable: true
    case .unauthorized, .notFound, .invalid, .cancelled: false
    }
  }

  /// The shortest wait before the same call, where HubSpot gives one.
  public var retryAfter: Duration? {
    switch self {
    case .rateLimited(_, let time), .unavailable(_, let time): time
    case .unauthorized, .notFound, .invalid, .unreadable, .cancelled: nil
    }
  }
}

extension HubSpotError: CustomStringConvertible {
  /// What happened and what to do.
  public var description: String {
    switch self {
    case .rateLimited(.daily, let time): "HubSpot's daily call limit is reached; \(Self.again(time))"
    case .rateLimited(_, let time): "HubSpot's rate limit is reached; \(Self.again(time))"
    case .unavailable(let reason, let time): "HubSpot is not available: \(reason); \(Self.again(time))"
    case .unauthorized(let reason): "HubSpot refuses the token: \(reason); renew it or give the app the missing scopes"
    case .notFound(let what): "HubSpot has no such record: \(what)"
    case .invalid(let reason, let id):
      "HubSpot rejects the call: \(reason)" + (id.map { " (correlation id \($0))" } ?? "")
    case .unreadable(let reason): "HubSpot's reply cannot be read: \(reason)"
    case .cancelled: "the call to HubSpot was cancelled"
    }
  }

  private static func again(_ time: Duration?) -> String {
    time.map { "try again after \($0)" } ?? "try again later"
  }
}
