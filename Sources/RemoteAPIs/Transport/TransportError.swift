/// A call that brought no answer, sorted by what its caller can do.
public enum TransportError: Error, Equatable, Sendable {
  /// No whole answer came in time. The call may have been carried out all the same.
  case timedOut(limit: Duration)
  /// No answer came, because the host was not reached or went away; the text says why.
  case connectionFailed(String)
  /// The answer's body broke off before its end.
  case truncated
  /// The answer's body is larger than the call allows.
  case tooLarge(limit: Int)
  /// The call cannot be sent as it is: its address is wrong.
  case invalidCall(String)
  /// The task that waited for the answer was cancelled.
  case cancelled
}

extension TransportError: CustomStringConvertible {
  /// What happened and, where there is something to do, what.
  public var description: String {
    switch self {
    case .timedOut(let limit): "no whole answer came within \(limit)"
    case .connectionFailed(let reason): "the host was not reached: \(reason)"
    case .truncated: "the answer broke off before its end"
    case .tooLarge(let limit): "the answer is larger than \(limit) bytes"
    case .invalidCall(let reason): "the call cannot be sent: \(reason)"
    case .cancelled: "the call was cancelled"
    }
  }
}
