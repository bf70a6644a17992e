import Values

/// A row of a table as in its file.
struct TableRecord {
  /// The line on which it starts, or the sheet's row number, counted from 1.
  let line: Int
  let cells: [String]
  /// Indices of cells that are numbers in a workbook, rather than text that looks like one.
  var numbers: Set<Int> = []
}

/// What all rows of a table share. A class, so that each row holds only a reference.
final class TableContext: Sendable {
  let file: String
  let layout: ColumnLayout
  /// The account's currency; nil accepts any.
  let currency: Currency?

  init(file: String, layout: ColumnLayout, currency: Currency?) {
    self.file = file
    self.layout = layout
    self.currency = currency
  }
}

/// Reads one row's cells; errors name the cell and the rule.
struct CellReader {
  let table: TableContext
  let record: TableRecord
  /// The decimal sign of this file.
  let decimalSign: DecimalSign

  var file: String { table.file }
  var layout: ColumnLayout { table.layout }
  var line: Int { record.line }
  var cells: [String] { record.cells }

  /// What is wrong with the row as a whole: it must have as many cells as the header.
  var problem: RowProblem? {
    guard cells.count != layout.header.count else { return nil }
    return RowProblem(
      file: file, line: line, column: "", value: "",
      rule: "the row has \(cells.count) cells, but the header has \(layout.header.count); "
        + "put cells that hold the separator in quotes")
  }

  /// The cell's text without surrounding spaces; nil where it is empty or the file has no such column.
  func text(_ column: Column) -> String? {
    column.position.flatMap(text(at:))
  }

  func text(at position: Int) -> String? {
    let text = cells[position]
    guard let first = text.utf8.first, let last = text.utf8.last else { return nil }
    guard first <= 0x20 || last <= 0x20 || first >= 0x80 || last >= 0x80 else { return text }
    let trimmed = text.trimmed
    return trimmed.isEmpty ? nil : trimmed
  }

  /// The cell's text; nil also where it marks a missing value, such as `--` and `N/A`.
  func value(_ column: Column) -> String? {
    guard let text = text(column) else { return nil }
    return Self.isBlankWord(text) ? nil : text
  }

  func requiredValue(_ column: Column) throws(RowProblem) -> String {
    guard let text = value(column) else { throw problem(column, "", "must not be empty") }
    return text
  }

  /// The id of an ad from Meta's number. Refuses one that a spreadsheet altered, because its digits are lost.
  func adNumber(_ column: Column) throws(RowProblem) -> AdID? {
    guard let text = value(column), let position = column.position else { return nil }
    guard let id = AdNumberText.read(text, isNumber: record.numbers.contains(position)) else {
      throw problem(column, text, AdNumberText.rule)
    }
    return try adID(id, column)
  }

  /// The id of an ad that is identified by its name.
  func adName(_ column: Column) throws(RowProblem) -> AdID? {
    guard let text = text(column) else { return nil }
    return try adID(text, column)
  }

  private func adID(_ text: String, _ column: Column) throws(RowProblem) -> AdID {
    guard let adID = AdID(text) else { throw problem(column, text, "must be \(AdID.rule)") }
    return adID
  }

  /// An integer; nil for an empty cell.
  func count(_ column: Column) throws(RowProblem) -> Int? {
    guard let text = value(column) else { return nil }
    if let number = Int(text) { return number }
    guard let number = try number(text, column), number.micros.isMultiple(of: 1_000_000) else {
      throw problem(column, text, "must be a whole number")
    }
    return Int(number.micros / 1_000_000)
  }

  /// An amount in major units; nil for an empty cell.
  func amount(_ column: Column) throws(RowProblem) -> Money? {
    guard let text = value(column) else { return nil }
    guard let amount = try number(text, column) else {
      throw problem(column, text, "must be a number such as 1234.56, at most \(Money.largestInput)")
    }
    return amount
  }

  /// A ratio or mean, 0 or more; nil for an empty cell.
  func ratio(_ column: Column) throws(RowProblem) -> Double? {
    guard let text = value(column) else { return nil }
    var ratio = isPlain(text, column) ? Double(text) : nil
    if ratio == nil { ratio = try number(text, column)?.majorUnits }
    guard let number = ratio, number.isFinite, number >= 0 else {
      throw problem(column, text, "must be a number, 0 or more")
    }
    return number
  }

  func problem(_ column: Column, _ value: String, _ rule: String) -> RowProblem {
    RowProblem(file: file, line: line, column: column.name, value: value, rule: rule)
  }

  /// A number by the file's signs; nil where the text is not a number. Throws where it is in another currency.
  private func number(_ text: String, _ column: Column) throws(RowProblem) -> Money? {
    if isPlain(text, column), let number = Money(decimal: text) { return number }
    guard let number = NumberText(text), let amount = number.amount(decimalSign) else { return nil }
    // A row may name its own currency, which its reader checks.
    if let currency = table.currency, !number.unit.isEmpty {
      let expected = self.text("currency").flatMap { Currency($0) } ?? currency
      guard CurrencySigns.mean(number.unit, expected) else {
        throw problem(column, text, "must be in the currency \(expected)")
      }
    }
    return amount
  }

  /// Whether a point in the text can only be a decimal point.
  private func isPlain(_ text: String, _ column: Column) -> Bool {
    decimalSign == .point || !text.utf8.contains(UInt8(ascii: "."))
      || column.position.map(record.numbers.contains) ?? false
  }

  private static func isBlankWord(_ text: String) -> Bool {
    // Nearly every cell begins with a digit; only the others are looked up.
    guard text.utf8.count <= 3, let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
    return blankWords.contains(text)
  }

  private static let blankWords: Set<String> = ["-", "--", "---", "NA", "N/A", "n/a", "\u{2013}", "\u{2014}"]
}

extension CellReader {
  func text(_ field: String) -> String? { text(layout.column(field)) }
  func requiredText(_ field: String) throws(RowProblem) -> String {
    guard let text = text(field) else { throw problem(field, "", "must not be empty") }
    return text
  }
  func adID(_ field: String) throws(RowProblem) -> AdID? { try adNumber(layout.column(field)) }
  func amount(_ field: String) throws(RowProblem) -> Money? { try amount(layout.column(field)) }
  func problem(_ field: String, _ value: String, _ rule: String) -> RowProblem {
    problem(layout.column(field), value, rule)
  }
}
