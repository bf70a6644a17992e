/// Makes text from outside safe to print: a terminal interprets control characters, and a line break in a log forges a
/// line.
enum Printable {
  /// Escapes control characters except line feeds and tabs.
  static func text(_ text: String) -> String {
    escaped(text) { $0 == 0x0A || $0 == 0x09 }
  }

  /// Escapes control characters, including line breaks and tabs.
  static func line(_ text: String) -> String {
    escaped(text) { _ in false }
  }

  private static func escaped(_ text: String, keeping isKept: (UInt32) -> Bool) -> String {
    guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == 0xC2 }) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
      if isControl, !isKept(scalar.value) {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        result += "\\u{" + digits + "}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
