import Formats
import Foundation

/// Column names in the form in which they are compared.
enum HeaderText {
  /// Lower case, accents and character widths unified, spaces and underscores treated alike, straight apostrophes.
  static func folded(_ name: String) -> String {
    let mapped = name.precomposedStringWithCompatibilityMapping.lowercased()
    var text = ""
    for character in mapped.trimmed {
      switch character {
      case "\u{2019}", "\u{2018}", "\u{02BC}": text.append("'")
      case "_": text.append(" ")
      case _ where character.isWhitespace: if text.last != " " { text.append(" ") }
      default: text.append(character)
      }
    }
    return text
  }

  /// The name without a unit in parentheses at its end, such as `(USD)`.
  static func withoutUnit(_ name: String) -> String {
    guard name.hasSuffix(")"), let open = name.lastIndex(of: "(") else { return name }
    return String(name[..<open]).trimmed
  }

  /// The text in parentheses at the end of the name.
  static func unit(_ name: String) -> String? {
    let name = name.precomposedStringWithCompatibilityMapping
    guard name.hasSuffix(")"), let open = name.lastIndex(of: "(") else { return nil }
    return String(name[name.index(after: open)...].dropLast()).trimmed
  }

  /// Reverts a second encoding: `dÃ©pensÃ©` was UTF-8 that a program read as Windows-1252.
  static func repaired(_ name: String) -> String {
    guard name.unicodeScalars.contains(where: { (0xC2...0xF4).contains($0.value) }),
      let bytes = Windows1252.bytes(name)
    else { return name }
    return String(validating: bytes, as: UTF8.self) ?? name
  }
}

extension StringProtocol {
  /// The text without white space at either end.
  var trimmed: String {
    var text = self[...]
    while let first = text.first, first.isWhitespace { text = text.dropFirst() }
    while let last = text.last, last.isWhitespace { text = text.dropLast() }
    return String(text)
  }
}
