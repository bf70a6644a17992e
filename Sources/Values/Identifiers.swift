/// The name of one advertiser's account in this system. No data is shared between accounts.
public struct AccountID: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// What a valid account id looks like, in words.
  public static let rule = "1 to 64 letters, digits, '_', '-' or '.', starting with a letter or digit"

  /// The text of the id.
  public let value: String

  /// Returns nil where `value` breaks ``rule``.
  public init?(_ value: String) {
    let bytes = value.utf8
    guard let first = bytes.first, bytes.count <= 64, Self.isAlphanumeric(first),
      bytes.allSatisfy({ Self.isAlphanumeric($0) || "_-.".utf8.contains($0) })
    else { return nil }
    self.value = value
  }

  public var description: String { value }

  /// Orders ids by their text.
  public static func < (left: AccountID, right: AccountID) -> Bool { left.value < right.value }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }
}

/// The id of an ad within an account: Meta's number, or the name that a spreadsheet uses for it.
public struct AdID: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// What a valid ad id looks like, in words.
  public static let rule = "1 to 128 bytes of text without control characters or white space at either end"

  /// The text of the id.
  public let value: String

  /// Uses the canonical form of `value`, so that an ad has one id whichever way its name is encoded in Unicode. Returns
  /// nil where that form breaks ``rule``.
  public init?(_ value: String) {
    // The canonical form has at least a third of the bytes, so text that is too long by more than that need not be
    // normalised.
    let count = value.utf8.count
    guard count <= 4 * Self.byteLimit else { return nil }
    let isPlain = count <= Self.byteLimit && Self.isPlain(value)
    self.init(stored: isPlain ? value : value.canonical)
  }

  /// Uses `value` byte by byte, as it was stored. Returns nil where it breaks ``rule``.
  ///
  /// Decisions made before ids were normalised are replayed with the ids as they were then.
  public init?(stored value: String) {
    guard (1...Self.byteLimit).contains(value.utf8.count), Self.isPlain(value) || Self.isClean(value) else {
      return nil
    }
    self.value = value
  }

  private static let byteLimit = 128

  /// Whether all of it is visible ASCII, as nearly every id is. Checking bytes is faster than checking characters.
  private static func isPlain(_ value: String) -> Bool {
    value.utf8.withContiguousStorageIfAvailable { $0.allSatisfy { $0 > 0x20 && $0 < 0x7F } } ?? false
  }

  private static func isClean(_ value: String) -> Bool {
    let scalars = value.unicodeScalars
    guard let first = scalars.first, let last = scalars.last else { return false }
    return !first.properties.isWhitespace && !last.properties.isWhitespace
      && scalars.allSatisfy { $0.properties.generalCategory != .control }
  }

  public var description: String { value }

  /// Orders ids by their text.
  public static func < (left: AdID, right: AdID) -> Bool { left.value < right.value }
}
