import Formats
import Values

/// Texts of a creative's DNA in one form.
enum DNAText {
  /// The canonical form, with one blank for white space of any length and none at either end. Nil with control
  /// characters that are not white space.
  static func cleaned(_ text: String) -> String? {
    let words = text.canonical.unicodeScalars.split { $0.properties.isWhitespace }
    let cleaned = words.map { String($0) }.joined(separator: " ")
    return PlainText.holds(cleaned) ? cleaned : nil
  }

  /// A value whose strings and names are all ``cleaned(_:)``. Nil where one cannot be, or a number is not finite.
  static func cleaned(_ value: JSONValue) -> JSONValue? {
    // A bare nil would be JSON's null.
    let none = JSONValue?.none
    switch value {
    case .null, .bool: return value
    case .number: return value.doubleValue == nil ? none : value
    case .string(let text): return cleaned(text).map(JSONValue.string)
    case .array(let elements):
      let parts = elements.compactMap { cleaned($0) }
      return parts.count == elements.count ? .array(parts) : none
    case .object(let object):
      let members = object.members.compactMap { member in
        cleaned(member.value).map { (key: member.key.canonical, value: $0) }
      }
      let areNamesPlain = members.allSatisfy { PlainText.holds($0.key) }
      guard members.count == object.members.count, areNamesPlain, Set(members.map(\.key)).count == members.count else {
        return none
      }
      return .object(JSONObject(members))
    }
  }

  /// A number for a sentence.
  static func number(_ value: Double) -> String {
    value == value.rounded() ? FixedDecimal.text(value, decimals: 0) : "\(value)"
  }
}

/// What a table's cell says.
enum DNACell {
  private static let words: [String: Bool] = [
    "true": true, "yes": true, "y": true, "1": true, "false": false, "no": false, "n": false, "0": false,
  ]

  /// The cell as JSON has it. What cannot be read so stays a string, which is refused where it is none.
  static func value(_ cell: String, as kind: DNAField.Kind?) -> JSONValue {
    switch kind {
    case nil, .term, .text: .string(cell)
    case .texts: .array(cell.split(separator: "|").map { .string(String($0)) })
    case .flag: words[cell.lowercased()].map(JSONValue.bool) ?? .string(cell)
    case .number, .count: number(cell)
    }
  }

  /// A number with a point or a comma before its decimals.
  private static func number(_ cell: String) -> JSONValue {
    let isPlain = cell.utf8.allSatisfy { "+-.0123456789eE".utf8.contains($0) }
    let hasComma = cell.utf8.count { $0 == UInt8(ascii: ",") } == 1 && !cell.utf8.contains(UInt8(ascii: "."))
    let text = hasComma ? cell.replacing(",", with: ".") : cell
    guard isPlain || hasComma, let value = Double(text), value.isFinite else { return .string(cell) }
    return JSONValue(floatLiteral: value)
  }
}
