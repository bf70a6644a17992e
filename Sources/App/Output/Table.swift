import Formats
import Values

/// Rows in columns that are as wide as their widest cell. Control characters in cells are escaped.
struct Table {
  private let header: [String]
  private let rightAligned: Set<Int>
  private var rows: [[String]] = []

  init(_ header: [String], rightAligned: Set<Int> = []) {
    self.header = header
    self.rightAligned = rightAligned
  }

  mutating func add(_ cells: [String]) {
    rows.append(cells.map(Printable.line))
  }

  var text: String {
    let widths = header.indices.map { column in
      ([header] + rows).reduce(0) { max($0, $1[column].count) }
    }
    let rule = widths.map { String(repeating: "─", count: $0) }
    return ([header, rule] + rows).map { line($0, widths) }.joined(separator: "\n")
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    let padded = cells.indices.map { column in
      let blanks = String(repeating: " ", count: widths[column] - cells[column].count)
      return rightAligned.contains(column) ? blanks + cells[column] : cells[column] + blanks
    }
    let line = padded.joined(separator: "  ")
    return String(line.reversed().drop { $0 == " " }.reversed())
  }
}

/// A row of CSV without its line end.
enum CSVLine {
  static func text(_ cells: [String]) -> String {
    String(CSVWriter.line(cells.map(inert)).reversed().drop { $0.isNewline }.reversed())
  }

  /// A cell that spreadsheets do not interpret as a formula: one that looks like one gets a leading `'`, unless it is a
  /// number.
  private static func inert(_ cell: String) -> String {
    guard let first = cell.unicodeScalars.first, "=+-@\t\r\n".unicodeScalars.contains(first), Double(cell) == nil,
      cell.wholeMatch(of: #/[+-][0-9.,]+ %/#) == nil
    else { return cell }
    return "'" + cell
  }
}

/// Numbers with thousands separators (commas).
enum Grouped {
  static func text(_ number: Int) -> String {
    var groups: [Substring] = []
    var digits = Substring(String(number.magnitude))
    while digits.count > 3 {
      groups.insert(digits.suffix(3), at: 0)
      digits = digits.dropLast(3)
    }
    return (number < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
  }

  /// An amount, rounded to two decimals.
  static func text(_ amount: Money) -> String {
    let cents = (amount.micros + (amount.micros < 0 ? -5_000 : 5_000)) / 10_000
    let (whole, fraction) = cents.quotientAndRemainder(dividingBy: 100)
    return "\(text(Int(whole))).\(String(fraction.magnitude + 100).dropFirst())"
  }
}
