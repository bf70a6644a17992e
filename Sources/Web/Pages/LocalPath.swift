/// A path of this server with its query and fragment, as the target of a redirect. It cannot lead to another server,
/// whatever a request puts into it.
package struct LocalPath: Hashable, Sendable, CustomStringConvertible {
  package static let rule = "begins with one '/' and has at most 2048 visible ASCII characters without a backslash"

  package let value: String

  /// Returns nil for what violates ``rule``. Browsers interpret a second slash, or a backslash, as the beginning of a
  /// host.
  package init?(_ value: String) {
    let bytes = value.utf8
    guard bytes.first == UInt8(ascii: "/"), bytes.dropFirst().first != UInt8(ascii: "/"), bytes.count <= 2_048,
      bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") })
    else { return nil }
    self.value = value
  }

  package var description: String { value }
}
