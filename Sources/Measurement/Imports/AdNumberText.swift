import Values

/// Meta's numeric ad ids in files, which spreadsheets alter.
enum AdNumberText {
  /// Why ``read(_:isNumber:)`` refuses a number, and what to do.
  static let rule =
    "a spreadsheet has rounded this id, and its last digits are lost: export the file again and import it as it is, "
    + "or have the spreadsheet take the column as text; with one name for each ad, --map 'ad_id=Ad name' will do"

  /// The id, without what spreadsheets and programs put around it; nil where its last digits are lost.
  ///
  /// With `isNumber` the cell is a number in a workbook, which keeps 15 digits.
  static func read(_ text: String, isNumber: Bool) -> String? {
    guard let first = text.utf8.first else { return text }
    if isDigit(first), text.utf8.allSatisfy(isDigit) {
      return isNumber && text.utf8.count > exactDigits ? nil : text
    }
    if isPower(text) { return nil }
    var id = text[...]
    if id.hasPrefix("=\""), id.hasSuffix("\""), id.utf8.count > 3 { id = id.dropFirst(2).dropLast() }
    if id.hasPrefix("'") { id = id.dropFirst() }
    if id.hasPrefix("\""), id.hasSuffix("\""), id.utf8.count > 2 { id = id.dropFirst().dropLast() }
    if let point = id.firstIndex(of: "."), id[id.index(after: point)...].allSatisfy({ $0 == "0" }) {
      id = id[..<point]
    }
    guard !id.isEmpty, id.utf8.allSatisfy(isDigit) else { return text }
    return isNumber && id.utf8.count > exactDigits ? nil : String(id)
  }

  /// Whether a number of more than 15 digits has only zeros after them, as rounded ones do. One in a thousand of Meta's
  /// own does too, so a file was rounded if all of its numbers look like this.
  ///
  /// Nil for numbers that rounding does not alter.
  static func looksRounded(_ id: String) -> Bool? {
    guard id.utf8.count > exactDigits + 1, id.utf8.allSatisfy(isDigit) else { return nil }
    return id.utf8.dropFirst(exactDigits).allSatisfy { $0 == UInt8(ascii: "0") }
  }

  /// Scientific notation such as `1.2021E+17`, also with a decimal comma.
  private static func isPower(_ text: String) -> Bool {
    let parts = text.split(separator: "E", omittingEmptySubsequences: false)
    let lower = text.split(separator: "e", omittingEmptySubsequences: false)
    guard let pair = [parts, lower].first(where: { $0.count == 2 }), let power = Int(pair[1]), pair[1].utf8.count >= 2
    else { return false }
    let digits = pair[0].utf8.filter { $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: ",") }
    return (6...30).contains(power) && !digits.isEmpty && digits.allSatisfy(isDigit)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

  /// How many digits of a number spreadsheets keep.
  private static let exactDigits = 15
}
