/// A call to HubSpot that brought nothing, sorted by what its caller should do.
public enum HubSpotError: Error, Equatable, Sendable {
  /// Which of HubSpot's limits was reached.
  public enum Limit: String, Equatable, Sendable {
    /// The day's calls are used up until midnight in the account's time zone.
    case daily
    /// Too many calls within one or ten seconds.
    case secondly
    /// HubSpot did not say.
    case unknown
  }

  /// Too many calls: try again after the time given, or later where none is.
  case rateLimited(Limit, retryAfter: Duration?)
  /// HubSpot does not answer as it should now: try again later, at the earliest after the time given.
  case unavailable(String, retryAfter: Duration?)
  /// The token is wrong, has expired or lacks scopes: a person must act.
  case unauthorized(String)
  /// The record is not there, or no longer.
  case notFound(String)
  /// HubSpot refuses the call as it is: it must be changed, not repeated.
  case invalid(String, correlationID: String?)
  /// The answer broke off or is not what HubSpot's documentation says.
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

  /// How long to wait at least before the same call, where HubSpot says so.
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
    case .rateLimited(.daily, let time): "HubSpot's daily limit of calls is reached; \(Self.again(time))"
    case .rateLimited(_, let time): "HubSpot's limit of calls is reached; \(Self.again(time))"
    case .unavailable(let reason, let time): "HubSpot is not available: \(reason); \(Self.again(time))"
    case .unauthorized(let reason): "HubSpot refuses the token: \(reason); renew it or give the app the missing scopes"
    case .notFound(let what): "HubSpot does not have it: \(what)"
    case .invalid(let reason, let id):
      "HubSpot refuses the call: \(reason)" + (id.map { " (correlation id \($0))" } ?? "")
    case .unreadable(let reason): "HubSpot's answer cannot be read: \(reason)"
    case .cancelled: "the call to HubSpot was cancelled"
    }
  }

  private static func again(_ time: Duration?) -> String {
    time.map { "try again after \($0)" } ?? "try again later"
  }
}
