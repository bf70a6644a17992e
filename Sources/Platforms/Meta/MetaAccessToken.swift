import RemoteAPIs

/// An access token as entered by somebody.
package struct MetaAccessToken: Sendable {
  /// What its text must be, in words.
  package static let rule = "must be 1 to 2000 printable ASCII characters without blanks"

  package let secret: Secret

  /// Returns nil where `text` breaks ``rule``.
  package init?(_ text: String) {
    guard (1...2_000).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      return nil
    }
    secret = Secret(text)
  }
}
