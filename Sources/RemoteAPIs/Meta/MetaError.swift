import Values

/// One of Meta's limits on calls or changes.
package enum MetaLimit: String, Hashable, Sendable {
  /// Calls of the app, over all ad accounts.
  case app
  /// Calls about the ad account, or by the token's user.
  case adAccount = "ad_account"
  /// Calls that read figures.
  case insights
  /// Calls that read or change campaigns, ad sets and ads.
  case management
  /// Four changes of the budget of one ad set or campaign in an hour.
  case budgetEdits = "budget_edits"
  /// Changes within one second.
  case changesPerSecond = "changes_per_second"
  /// New ads.
  case adCreation = "ad_creation"
}

/// A failed call to Meta: what happened, and what the caller should do.
package struct MetaError: Error, Equatable, Sendable {
  /// What happened.
  package enum Kind: Equatable, Sendable {
    /// Meta is not working normally now.
    case unavailable
    /// A limit has been reached, or would be by this call, which was then not sent.
    case limited(MetaLimit, until: Instant)
    /// The token is wrong, has expired or was revoked.
    case tokenRefused
    /// The token does not have the permission.
    case forbidden
    /// The object does not exist, or the token may not see it.
    case notFound
    /// Meta rejects the call as it is.
    case invalid
    /// The reply would be too large: ask for fewer days or fields, or for a report.
    case tooMuchData
    /// Meta has blocked the app, the token's user or the ad account for breaking its rules.
    case blocked
    /// The requested version of the API is no longer served.
    case versionExpired
    /// The reply broke off or is not as documented.
    case unreadable
    /// It is not known whether a change was made.
    case outcomeUnknown
    /// The task was cancelled before the call was sent.
    case cancelled
  }

  /// What to do about it.
  package enum Remedy: Equatable, Sendable {
    /// Make the same call later.
    case retry
    /// Make the same call at this moment or later, no earlier.
    case wait(until: Instant)
    /// Get another token; until then every call will fail.
    case refreshToken
    /// Read what a change was to set, and only then decide whether to make it again.
    case readBack
    /// Do not repeat the call; the call, or the token's permissions, must be changed.
    case stop
    /// Make no more calls for the account until a person has looked at it in Ads Manager.
    case pauseAccount
  }

  /// What happened.
  package let kind: Kind
  /// The message of Meta or the transport, without secrets, at most 400 characters.
  package let message: String
  /// Meta's error code; nil where it gave none.
  package var code: Int?
  /// Meta's error subcode; nil where it gave none.
  package var subcode: Int?
  /// The fields that Meta objects to, such as `daily_budget`.
  package var blamedFields: [String] = []
  /// The trace id that Meta's support asks for; nil where there is none.
  package var traceID: String?
  /// The bytes of a video that Meta wants instead of those that were sent; nil for other errors.
  package var uploadWindow: MetaUploadWindow?

  package init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  /// What to do.
  package var remedy: Remedy {
    switch kind {
    case .unavailable, .unreadable, .cancelled: .retry
    case .limited(_, let until): .wait(until: until)
    case .tokenRefused: .refreshToken
    case .outcomeUnknown: .readBack
    case .forbidden, .notFound, .invalid, .tooMuchData, .versionExpired: .stop
    case .blocked: .pauseAccount
    }
  }
}

extension MetaError {
  /// The error of a call whose task was cancelled before the call was sent.
  static let cancelled = MetaError(.cancelled, "the call to Meta was cancelled")
}

extension MetaError: CustomStringConvertible {
  /// What happened and what to do.
  package var description: String {
    let numbers = [code.map { "code \($0)" }, subcode.map { "subcode \($0)" }, traceID.map { "trace \($0)" }]
      .compactMap { $0 }
    let source = numbers.isEmpty ? "" : " (\(numbers.joined(separator: ", ")))"
    return "\(what): \(message)\(source)\(advice)"
  }

  private var what: String {
    switch kind {
    case .unavailable: "Meta is not available"
    case .limited(let limit, _): "Meta's limit \(limit.rawValue) is reached"
    case .tokenRefused: "Meta refuses the access token"
    case .forbidden: "Meta does not allow it"
    case .notFound: "Meta has no such object"
    case .invalid: "Meta rejects the call"
    case .tooMuchData: "the reply would be too large for Meta"
    case .blocked: "Meta has blocked the app or the ad account"
    case .versionExpired: "Meta no longer serves this version of its API"
    case .unreadable: "Meta's reply cannot be read"
    case .outcomeUnknown: "it is not known whether Meta made the change"
    case .cancelled: "not sent"
    }
  }

  private var advice: String {
    switch kind {
    case .limited(_, let until): "; wait until \(until)"
    case .tokenRefused: "; get another access token"
    case .forbidden: "; give the token the missing permission or the ad account"
    case .blocked: "; look at the account in Ads Manager before anything else"
    case .versionExpired: "; set META_API_VERSION to a later one"
    case .outcomeUnknown: "; read the value before changing it again"
    case .unavailable, .unreadable: "; try again later"
    case .notFound, .invalid, .tooMuchData, .cancelled: ""
    }
  }
}
