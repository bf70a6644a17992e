import Values

/// By which of its rules a policy decides. Any change of a figure makes a new version, and a stored decision is made
/// again by the version that made it.
public enum PolicyVersion: Int, Hashable, Sendable, CaseIterable {
  /// The limit on daily changes outranks the total: a split may exceed it.
  case one = 1
  /// The total outranks the limit on daily changes: where lower bounds need more than the total, they give way.
  case two

  /// The version that new decisions are made by.
  public static let current = PolicyVersion.two

  /// Reads the version of a policy's name and version, such as `lag_aware/2`; nil for one that is not known.
  public init?(_ text: String) {
    guard let digits = text.split(separator: "/").last, let number = Int(digits),
      let version = PolicyVersion(rawValue: number)
    else { return nil }
    self = version
  }

  /// The name and version of `policy`, such as `lag_aware/2`, as they are stored with each decision.
  public func text(of policy: String) -> String { "\(policy)/\(rawValue)" }
}
