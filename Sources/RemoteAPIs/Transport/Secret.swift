import Values

/// A text that must not be seen: a token or a key. Printing, dumping or logging it does not reveal it.
public struct Secret: Equatable, Sendable {
  /// The text itself, for the code that sends it or computes with it.
  public let text: String

  public init(_ text: String) {
    self.text = text
  }

  /// Whether `text` is the secret. The time taken depends only on the lengths.
  public func isSame(as text: String) -> Bool {
    let (own, given) = (Array(self.text.utf8), Array(text.utf8))
    guard own.count == given.count else { return false }
    return zip(own, given).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }

  /// Replaces every occurrence of the text in `message`.
  func redacted(from message: String) -> String {
    text.isEmpty ? message : message.split(separator: text, omittingEmptySubsequences: false).joined(separator: "***")
  }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// Three stars.
  public var description: String { "***" }

  /// Three stars.
  public var debugDescription: String { "***" }

  /// Nothing.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
