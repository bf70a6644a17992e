/// A text that must not be seen: a token or a key. Printed, dumped or logged it shows nothing of itself.
public struct Secret: Equatable, Sendable {
  /// The text itself, for the one place that sends it or computes with it.
  public let text: String

  /// Keeps `text`.
  public init(_ text: String) {
    self.text = text
  }

  /// Replaces every place where `message` holds the text.
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
