/// What a blob is called: segments between slashes, such as `winners/acme/index.snapshot`.
///
/// The characters are those that every store, file system and address takes as they are, so that a name means the same
/// blob everywhere and none leads out of a folder.
package struct BlobName: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The most characters of a name.
  static let longest = 512
  /// The most characters of a segment; a file of the folder needs a few more for its ending.
  static let longestSegment = 200

  /// The rule in words.
  package static let rule =
    "must be 1 to \(longest) letters, digits and characters of ._-=+@, with single slashes between segments of at most "
    + "\(longestSegment) characters, none of which begins with a dot"

  /// The name's text.
  package let text: String

  /// Nil where `text` does not follow ``rule``.
  package init?(_ text: String) {
    guard (1...Self.longest).contains(text.utf8.count), text.utf8.allSatisfy(Self.isAllowed) else { return nil }
    let segments = text.split(separator: "/", omittingEmptySubsequences: false)
    guard segments.allSatisfy({ !$0.isEmpty && $0.first != "." && $0.utf8.count <= Self.longestSegment }) else {
      return nil
    }
    self.text = text
  }

  /// The parts between the slashes.
  var segments: [Substring] { text.split(separator: "/") }

  /// Whether names may begin with `text`.
  package static func canBegin(with text: String) -> Bool {
    text.utf8.count <= longest && text.utf8.allSatisfy(isAllowed)
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "._-=+@/".utf8.contains(byte)
    }
  }

  /// By bytes, as every store lists them.
  package static func < (left: Self, right: Self) -> Bool {
    left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }

  package var description: String { text }
}
