import Values

/// Why an attempt failed.
public struct JobFailure: Sendable, Hashable {
  /// The kind of failure, in one word: used by counters and retry policies.
  public let failureClass: String
  /// Why the job is in its state.
  public let reason: String
  /// The error's text.
  public let text: String

  /// Truncates each to its limit.
  public init(class failureClass: String, reason: String, text: String) {
    self.failureClass = failureClass.cut(toBytes: JobLimits.failureClassBytes)
    self.reason = reason.cut(toBytes: JobLimits.failureBytes)
    self.text = text.cut(toBytes: JobLimits.failureBytes)
  }
}
