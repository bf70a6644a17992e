import Values

/// The version of a policy's rules. Any change to a number makes a new version, and a stored decision is replayed with
/// the version that made it.
public enum PolicyVersion: Int, Hashable, Sendable, CaseIterable {
  /// The limit on daily changes takes precedence over the total: a split may exceed it.
  case one = 1
  /// The total takes precedence over the limit on daily changes: where lower bounds need more than the total, they are
  /// reduced.
  case two

  /// The version for new decisions.
  public static let current = PolicyVersion.two

  /// Reads the version from a policy's name and version, such as `lag_aware/2`; nil for an unknown one.
  public init?(_ text: String) {
    guard let digits = text.split(separator: "/").last, let number = Int(digits),
      let version = PolicyVersion(rawValue: number)
    else { return nil }
    self = version
  }

  /// The name and version of `policy`, such as `lag_aware/2`, as stored with each decision.
  public func text(of policy: String) -> String { "\(policy)/\(rawValue)" }
}
