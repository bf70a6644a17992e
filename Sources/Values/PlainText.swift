/// The text that this system accepts from outside: any Unicode except control characters.
///
/// SQLite stores U+0000 and PostgreSQL does not, and other control characters alter what a terminal or a log shows.
/// Because the rule is checked on input, both databases hold the same values.
public enum PlainText {
  /// The rule in words.
  public static let rule = "must not contain control characters"
  /// The rule as a regular expression of JSON Schema, for texts of a length such as `*` or `{1,200}`.
  public static func pattern(_ length: String = "*") -> String { #"^[^\u0000-\u001f\u007f-\u009f]\#(length)$"# }

  /// Whether `text` follows ``rule``.
  public static func holds(_ text: String) -> Bool {
    // Nearly every text is visible ASCII: checking contiguous bytes is faster than checking characters.
    let isVisible = text.utf8.withContiguousStorageIfAvailable { $0.allSatisfy { $0 >= 0x20 && $0 < 0x7F } }
    return isVisible ?? false || text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
  }

  /// Whether `text` follows ``rule``.
  public static func holds(_ text: Substring) -> Bool { holds(String(text)) }
}
