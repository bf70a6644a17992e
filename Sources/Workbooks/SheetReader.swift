import Formats
import Values

/// Converts a sheet's XML into rows.
struct SheetReader {
  private let strings: [String]
  private let dateStyles: [Bool]
  private let countsFrom1904: Bool

  private var rowNumber = 0
  private var cells: [String] = []
  private var numbers: Set<Int> = []
  private var rowBytes = 0
  private var position = 0
  private var nextPosition = 0
  private var kind = Kind.number
  private var isDate = false
  private var isValue = false
  private var phonetic = 0
  private var text: [UInt8] = []

  private enum Kind { case number, shared, text, boolean, date }

  private static let mostColumns = 1_024
  private static let mostRowBytes = 1 << 20

  init(strings: [String], dateStyles: [Bool], countsFrom1904: Bool) {
    self.strings = strings
    self.dateStyles = dateStyles
    self.countsFrom1904 = countsFrom1904
  }

  mutating func take(_ event: XMLScanner.Event, _ body: (SheetRow) throws -> Void) throws {
    switch event {
    case .start("row", let attributes):
      rowNumber = attributes["r"].flatMap { Int($0) } ?? rowNumber + 1
      cells.removeAll(keepingCapacity: true)
      numbers.removeAll(keepingCapacity: true)
      rowBytes = 0
      nextPosition = 0
    case .end("row"):
      if !cells.isEmpty { try body(SheetRow(number: rowNumber, cells: cells, numbers: numbers)) }
    case .start("c", let attributes): startCell(attributes)
    case .end("c"): try endCell()
    case .start("v", _): isValue = true
    case .start("t", _): isValue = phonetic == 0
    case .end("v"), .end("t"): isValue = false
    case .start("rPh", _): phonetic += 1
    case .end("rPh"): phonetic -= 1
    case .text(let piece) where isValue:
      text.append(contentsOf: piece)
      guard text.count <= Self.mostRowBytes else { throw WorkbookError.tooLarge("too much text in row \(rowNumber)") }
    default: return
    }
  }

  private mutating func startCell(_ attributes: XMLScanner.Attributes) {
    position = attributes["r"].flatMap(Self.column) ?? nextPosition
    nextPosition = position + 1
    text.removeAll(keepingCapacity: true)
    switch attributes["t"] {
    case "s": kind = .shared
    case "b": kind = .boolean
    case "d": kind = .date
    case nil, "n": kind = .number
    default: kind = .text
    }
    isDate = attributes["s"].flatMap { Int($0) }.map { dateStyles.indices.contains($0) && dateStyles[$0] } ?? false
  }

  private mutating func endCell() throws {
    guard !text.isEmpty else { return }
    let written = String(decoding: text, as: UTF8.self)
    var isNumber = false
    let value: String
    switch kind {
    case .text: value = written
    case .boolean: value = written == "1" ? "TRUE" : "FALSE"
    case .date: value = written.replacing("T", with: " ")
    case .shared:
      guard let index = Int(written), strings.indices.contains(index) else {
        throw WorkbookError.damaged("a cell of row \(rowNumber) has a text that is not there")
      }
      value = strings[index]
    case .number:
      if isDate, let date = date(written) {
        value = date
      } else {
        value = Self.plain(written)
        isNumber = true
      }
    }
    guard !value.isEmpty else { return }
    guard position < Self.mostColumns else { throw WorkbookError.tooLarge("more than \(Self.mostColumns) columns") }
    rowBytes += value.utf8.count
    guard rowBytes <= Self.mostRowBytes else { throw WorkbookError.tooLarge("too much text in row \(rowNumber)") }
    while cells.count <= position { cells.append("") }
    cells[position] = value
    if isNumber { numbers.insert(position) }
  }

  /// The column position of a reference such as `AB7`; nil where the text is not a reference.
  private static func column(_ reference: String) -> Int? {
    var column = 0
    for byte in reference.utf8 {
      guard (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) else { break }
      column = column * 26 + Int(byte - UInt8(ascii: "A")) + 1
      guard column <= 1 << 20 else { return nil }
    }
    return column > 0 ? column - 1 : nil
  }

  /// A number written without an exponent, where that keeps all its digits.
  private static func plain(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 == UInt8(ascii: "E") || $0 == UInt8(ascii: "e") }), let value = Double(text),
      value.magnitude < 1e15
    else { return text }
    let fixed = FixedDecimal.text(value, decimals: 6)
    return fixed.hasSuffix(".000000") ? String(fixed.dropLast(7)) : fixed
  }

  /// The date for a day number, from March 1900 on.
  private func date(_ text: String) -> String? {
    guard let count = Double(text), count.isFinite else { return nil }
    let serial = countsFrom1904 ? count + 1_462 : count
    guard (61..<2_958_466).contains(serial) else { return nil }
    var day = Int(clamping: serial)
    var second = Int(clamping: ((serial - Double(day)) * 86_400).rounded())
    if second == 86_400 { (day, second) = (day + 1, 0) }
    let date = CalendarDay(daysSinceEpoch: day - 25_569).description
    guard second > 0 else { return date }
    let parts = [second / 3_600, second / 60 % 60, second % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
    return date + " " + parts.joined(separator: ":")
  }
}
