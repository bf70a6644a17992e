/// A call without a reply, classified by what the caller can do.
public enum TransportError: Error, Equatable, Sendable {
  /// No complete reply arrived in time. The call may have been carried out all the same.
  case timedOut(limit: Duration)
  /// No reply arrived, because the host could not be reached or closed the connection; the text says why.
  case connectionFailed(String)
  /// The reply's body broke off before its end.
  case truncated
  /// The reply's body is larger than the call allows.
  case tooLarge(limit: Int)
  /// The call cannot be sent as it is: its URL is invalid.
  case invalidCall(String)
  /// The task that waited for the reply was cancelled.
  case cancelled
}

extension TransportError: CustomStringConvertible {
  /// What happened and, where there is something to do, what to do.
  public var description: String {
    switch self {
    case .timedOut(let limit): "no complete reply arrived within \(limit)"
    case .connectionFailed(let reason): "the host could not be reached: \(reason)"
    case .truncated: "the reply broke off before its end"
    case .tooLarge(let limit): "the reply is larger than \(limit) bytes"
    case .invalidCall(let reason): "the call cannot be sent: \(reason)"
    case .cancelled: "the call was cancelled"
    }
  }
}
