import Values

/// A limit of Meta's on calls or changes.
package enum MetaLimit: String, Hashable, Sendable {
  /// Calls of the app, over all ad accounts.
  case app
  /// Calls about the ad account, or by the token's user.
  case adAccount = "ad_account"
  /// Calls that read figures.
  case insights
  /// Calls that read or change campaigns, ad sets and ads.
  case management
  /// Four changes of one ad set's or campaign's budget in an hour.
  case budgetEdits = "budget_edits"
  /// Changes in one second.
  case changesPerSecond = "changes_per_second"
  /// New ads.
  case adCreation = "ad_creation"
}

/// A call to Meta that brought nothing: what happened, and what its caller should do.
package struct MetaError: Error, Equatable, Sendable {
  /// What happened.
  package enum Kind: Equatable, Sendable {
    /// Meta does not answer as it should now.
    case unavailable
    /// A limit is reached, or would be by this call, which was then not sent.
    case limited(MetaLimit, until: Instant)
    /// The token is wrong, has expired or was taken back.
    case tokenRefused
    /// The token may not do this.
    case forbidden
    /// The object is not there, or the token may not see it.
    case notFound
    /// Meta refuses the call as it is.
    case invalid
    /// The answer would be too large: ask for fewer days or fields, or for a report.
    case tooMuchData
    /// Meta has blocked the app, the token's user or the ad account for breaking its rules.
    case blocked
    /// The version of the API that was asked for is no longer served.
    case versionExpired
    /// The answer broke off or is not what Meta documents.
    case unreadable
    /// It is not known whether a change was made.
    case outcomeUnknown
    /// The task was cancelled before the call left.
    case cancelled
  }

  /// What to do.
  package enum Remedy: Equatable, Sendable {
    /// Make the same call later.
    case retry
    /// Make the same call at this moment or later, no sooner.
    case wait(until: Instant)
    /// Get another token; until then every call will fail.
    case refreshToken
    /// Read what a change was to set, and only then decide whether to make it again.
    case readBack
    /// Do not repeat the call; it, or what the token may do, must be changed.
    case stop
    /// Make no more calls for the account until a person has looked at it in Ads Manager.
    case pauseAccount
  }

  /// What happened.
  package let kind: Kind
  /// What Meta or the transport said, without secrets, at most 400 characters.
  package let message: String
  /// Meta's number for what happened; nil where it gave none.
  package var code: Int?
  /// Meta's second number; nil where it gave none.
  package var subcode: Int?
  /// The fields that Meta finds fault with, such as `daily_budget`.
  package var blamedFields: [String] = []
  /// What Meta's support wants to know of the call; nil where it was not told.
  package var traceID: String?
  /// The bytes of a video that Meta wants in place of those that were sent; nil where it is not about that.
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
  /// The error of a call whose task was cancelled before the call left.
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
    case .notFound: "Meta does not have it"
    case .invalid: "Meta refuses the call"
    case .tooMuchData: "Meta finds the answer too large"
    case .blocked: "Meta has blocked the app or the ad account"
    case .versionExpired: "Meta no longer serves this version of its API"
    case .unreadable: "Meta's answer cannot be read"
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
