import Formats
import Workbooks

/// The format of a table.
struct TableForm: Sendable {
  /// Such as `CSV in UTF-8` or `Excel workbook`.
  var name: String
  /// The cell separator; nil in a workbook.
  var separator: UInt8?
  /// The workbook's sheets.
  var sheets: [String] = []
}

/// Parses a table's bytes as they come and passes on its records, for delimited text and Excel workbooks.
struct TableParser {
  private enum Kind { case unknown, text, workbook }

  private let file: String
  private let sheet: String?
  private var kind = Kind.unknown
  private var csv: CSVReader
  /// The first bytes until the kind is known; for a workbook, whose directory is at the end, all bytes.
  private var held: [UInt8] = []
  private var sheets: [String] = []

  private static let telling = 8

  init(file: String, sheet: String?) {
    self.file = file
    self.sheet = sheet
    var options = CSVReader.Options()
    options.acceptsWindows1252 = true
    csv = CSVReader(options: options)
  }

  /// The table's format, as far as it has been read.
  var form: TableForm {
    if kind == .workbook { return TableForm(name: "Excel workbook", separator: nil, sheets: sheets) }
    let encoding = csv.isUTF16 ? "UTF-16" : csv.isWindows1252 ? "Windows-1252" : "UTF-8"
    return TableForm(name: "text in \(encoding)", separator: csv.delimiter)
  }

  var isWindows1252: Bool { csv.isWindows1252 }

  mutating func feed(_ chunk: UnsafeRawBufferPointer, _ record: (TableRecord) throws -> Void) throws {
    if kind == .text { return try csv.feed(chunk) { try record(TableRecord(line: $0.line, cells: $0.fields)) } }
    held.append(contentsOf: chunk)
    if kind == .unknown, held.count >= Self.telling { try decide(record) }
    guard held.count <= Workbook.mostBytes else {
      throw ImportError.badFile(
        file: file, rule: "is an Excel workbook of more than \(Workbook.mostBytes >> 20) MiB; export it as CSV")
    }
  }

  mutating func finish(_ record: (TableRecord) throws -> Void) throws {
    if kind == .unknown { try decide(record) }
    switch kind {
    case .workbook: try readWorkbook(record)
    case .text, .unknown: try csv.finish { try record(TableRecord(line: $0.line, cells: $0.fields)) }
    }
  }

  private mutating func decide(_ record: (TableRecord) throws -> Void) throws {
    if held.starts(with: Workbook.signature) {
      kind = .workbook
      return
    }
    if let rule = Self.refusal(of: held) { throw ImportError.badFile(file: file, rule: rule) }
    guard sheet == nil else {
      throw ImportError.badFile(file: file, rule: "is not an Excel workbook, so --sheet does not apply")
    }
    kind = .text
    let text = held
    held = []
    try csv.feed(text) { try record(TableRecord(line: $0.line, cells: $0.fields)) }
  }

  /// Why a file is not a table, by its first bytes; nil where it may be one.
  private static func refusal(of start: [UInt8]) -> String? {
    if start.starts(with: [0xD0, 0xCF, 0x11, 0xE0]) {
      return "is an Excel file of the old kind (.xls) or one with a password; save it as .xlsx or as CSV in UTF-8"
    }
    let text = start.drop { $0 <= 0x20 || $0 >= 0x80 }
    if text.starts(with: "%PDF".utf8) { return "is a PDF; export the figures as CSV" }
    switch text.first {
    case UInt8(ascii: "<"): return "is HTML or XML, whatever its name says; export the figures as CSV"
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      return "is JSON; import insights as meta-insights, and deals from a file whose name ends in .json"
    default: return nil
    }
  }

  /// Rows are padded to the number of cells of the first row: a workbook leaves out empty cells.
  private mutating func readWorkbook(_ record: (TableRecord) throws -> Void) throws {
    let workbook = try Workbook(held)
    held = []
    sheets = workbook.sheetNames
    var width: Int?
    try workbook.forEachRow(of: sheet) { row in
      let columns = width ?? row.cells.count
      width = columns
      let blanks = Array(repeating: "", count: max(0, columns - row.cells.count))
      try record(TableRecord(line: row.number, cells: row.cells + blanks, numbers: row.numbers))
    }
  }
}
