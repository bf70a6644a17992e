import Values

/// The meaning of Meta's error codes. Source: Meta Graph API and Marketing API, "Error codes".
enum MetaErrorTable {
  /// The codes of one error.
  struct Numbers: Equatable {
    let code: Int
    let subcode: Int?
    /// Whether Meta itself marks the error as transient.
    var isTransient = false
  }

  /// The meaning of an error that came with `usage` at `now`, in reply to a call for `purpose`.
  static func kind(
    of numbers: Numbers, _ usage: MetaUsage, purpose: MetaThrottle.Purpose, at now: Instant
  ) -> MetaError.Kind {
    if let limit = limit(of: numbers, purpose) {
      return .limited(limit, until: now.adding(wait(for: limit, usage)))
    }
    let kind = kind(of: numbers)
    return kind == .invalid && numbers.isTransient ? .unavailable : kind
  }

  private static func kind(of numbers: Numbers) -> MetaError.Kind {
    switch (numbers.code, numbers.subcode) {
    case (_, 1_487_534), (100, 1_504_018), (2, 1_504_038): .tooMuchData
    case (2, 1_504_041): .invalid
    case (1, _), (2, _): .unavailable
    case _ where isRefusedUntilLater(numbers): .unavailable
    case (100, 33), (803, _): .notFound
    case (102, _), (190, _): .tokenRefused
    case (3, _), (10, _), (200...299, _), (294, _): .forbidden
    case (341, _), (368, _): .blocked
    case (2635, _): .versionExpired
    default: .invalid
    }
  }

  /// Whether nothing was changed, and the same call will succeed later: for a video that is not ready yet, and for a
  /// chunk that did not arrive correctly.
  static func isRefusedUntilLater(_ numbers: Numbers) -> Bool {
    numbers.subcode == 1_885_252 || (numbers.code == 6000 && numbers.subcode == 1_363_037)
  }

  private static func limit(of numbers: Numbers, _ purpose: MetaThrottle.Purpose) -> MetaLimit? {
    switch (numbers.code, numbers.subcode) {
    case (4, _): .app
    case (17, _), (32, _): .adAccount
    case (613, 1_487_632): .budgetEdits
    case (613, 5_044_001): .changesPerSecond
    case (613, 1_487_225): .adCreation
    case (613, _): .adAccount
    case (80_000, _): .insights
    case (80_001...80_014, _): purpose == .insights ? .insights : .management
    default: nil
    }
  }

  /// How long a limit lasts: as Meta reports it, which it does only for call quotas, or as documented.
  private static func wait(for limit: MetaLimit, _ usage: MetaUsage) -> Duration {
    switch limit {
    case .changesPerSecond: .seconds(2)
    case .budgetEdits, .adCreation: .seconds(3_600)
    case .app, .adAccount, .insights, .management: usage.longestRegain ?? MetaThrottle.rest
    }
  }
}
