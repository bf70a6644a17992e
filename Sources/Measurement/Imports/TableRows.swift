import Values

/// Reads a table's rows: finds each field's column in the header, and determines how the file writes its numbers.
///
/// What `1,234` means is decided by the whole file and never by one cell. Rows are held from the first ambiguous cell
/// on until another one shows the decimal sign; a later one that shows the other sign refuses the file.
struct TableRows {
  private let file: String
  private let fields: [ImportField]
  private let mapping: ColumnMapping
  private let sheet: String?
  private let currency: Currency?
  /// Set once the header has been read.
  private var table: TableContext?
  private var numberColumns: [(position: Int, kind: ImportField.Kind)] = []

  /// What the user should know about how the file was read.
  private(set) var notes: [String] = []

  /// The file's format, once it has been read.
  private(set) var form = TableForm(name: "text", separator: nil)

  private let statedSign: DecimalSign?
  /// The decimal sign; nil while no number has shown one.
  private(set) var sign: DecimalSign?
  private var isHolding = false
  /// Rows that wait for the sign, and their size in bytes.
  private var waiting: [TableRecord] = []
  private var waitingBytes = 0
  /// The first ambiguous cells, one with a comma and one with a point.
  private var doubtful: [DecimalSign: Place] = [:]

  private struct Place {
    let line: Int
    let column: String
    let text: String
  }

  private static let mostWaiting = 20_000
  private static let mostWaitingBytes = 16 << 20

  init(file: String, fields: [ImportField], options: ImportOptions, currency: Currency?) {
    self.file = file
    self.fields = fields
    mapping = options.mapping
    sheet = options.sheet
    statedSign = options.decimalSign
    sign = options.decimalSign
    self.currency = currency
  }

  /// Passes on the header's layout, then each row. Throws an ``ImportError`` where the file as a whole cannot be read.
  ///
  /// A row may have fewer or more cells than the header: see ``CellReader/problem``.
  mutating func read(
    progress: (ImportProgress) -> Void, header: (ColumnLayout) throws -> Void, row: (CellReader) throws -> Void
  ) throws {
    var parser = TableParser(file: file, sheet: sheet)
    var rows = self
    func record(_ record: TableRecord) throws { try rows.take(record, header, row) }
    try SourceFile.forEachChunk(file, progress: progress) { chunk in
      try parser.feed(chunk, record)
      if rows.holdsTooMuch { try rows.settle(separator: parser.form.separator, row) }
    } finish: {
      try parser.finish(record)
      try rows.settle(separator: parser.form.separator, row)
    }
    rows.form = parser.form
    if parser.isWindows1252 {
      rows.notes.append("the text is not UTF-8 and was read as Windows-1252: check the names of ads")
    }
    self = rows
    guard table != nil else { throw ImportError.badFile(file: file, rule: "is empty") }
  }

  private var holdsTooMuch: Bool { waiting.count > Self.mostWaiting || waitingBytes > Self.mostWaitingBytes }

  private mutating func take(
    _ record: TableRecord, _ header: (ColumnLayout) throws -> Void, _ row: (CellReader) throws -> Void
  ) throws {
    guard let table else {
      let layout = try ColumnLayout(header: record.cells, fields: fields, mapping: mapping, file: file)
      self.table = TableContext(file: file, layout: layout, currency: currency)
      numberColumns = layout.numberColumns
      return try header(layout)
    }
    if statedSign == nil, record.cells.count == table.layout.header.count { try look(at: record, table, row) }
    guard !isHolding else {
      waiting.append(record)
      waitingBytes += record.cells.reduce(0) { $0 + $1.utf8.count }
      // The rows of one chunk may exceed the limit; those of a workbook come all at once.
      if waiting.count > 4 * Self.mostWaiting || waitingBytes > 4 * Self.mostWaitingBytes {
        try settle(separator: nil, row)
      }
      return
    }
    try row(cells(record, table))
  }

  private func cells(_ record: TableRecord, _ table: TableContext) -> CellReader {
    CellReader(table: table, record: record, decimalSign: sign ?? .point)
  }

  /// Learns from the row's numbers. Throws an ``ImportError`` where one contradicts earlier ones.
  private mutating func look(
    at record: TableRecord, _ table: TableContext, _ row: (CellReader) throws -> Void
  ) throws {
    var isDoubtful = false
    for (position, kind) in numberColumns where !record.numbers.contains(position) {
      let text = record.cells[position]
      switch NumberText.evidence(text, kind) {
      case .none: continue
      case .either:
        isDoubtful = true
        guard sign == nil else { continue }
        let shown: DecimalSign = text.utf8.contains(UInt8(ascii: ",")) ? .comma : .point
        if doubtful[shown] == nil {
          doubtful[shown] = Place(line: record.line, column: table.layout.header[position], text: text.trimmed)
        }
      case .shows(let shown):
        if let sign, sign != shown {
          throw ImportError.badFile(
            file: "\(file):\(record.line)",
            rule:
              "column \(table.layout.header[position]) is '\(text.trimmed)', but numbers before it are written with a "
              + "decimal \(sign): correct the file, or say --decimal \(sign) or --decimal \(shown)")
        }
        if sign == nil {
          sign = shown
          try release(table, row)
        }
      }
    }
    if isDoubtful, sign == nil { isHolding = true }
  }

  /// Decides what the held rows mean, based on what has been seen, and passes them on.
  ///
  /// Where semicolons separate cells, the decimal sign is a comma; where commas do, a point. Otherwise the file does
  /// not show it: throws an ``ImportError`` that names the first such cell.
  private mutating func settle(separator: UInt8?, _ row: (CellReader) throws -> Void) throws {
    guard isHolding, let table else { return }
    switch separator {
    case UInt8(ascii: ";") where doubtful[.point] == nil: sign = .comma
    case UInt8(ascii: ",") where doubtful[.comma] == nil: sign = .point
    default:
      guard let place = doubtful[.comma] ?? doubtful[.point] else { break }
      let readings = DecimalSign.allCases.compactMap { NumberText(place.text)?.amount($0) }.map(\.description)
      throw ImportError.badFile(
        file: "\(file):\(place.line)",
        rule: "column \(place.column) is '\(place.text)', which may be \(readings.joined(separator: " or ")), and no "
          + "other number of the file shows which: say --decimal point or --decimal comma")
    }
    try release(table, row)
  }

  private mutating func release(_ table: TableContext, _ row: (CellReader) throws -> Void) throws {
    isHolding = false
    let records = waiting
    waiting = []
    waitingBytes = 0
    for record in records { try row(cells(record, table)) }
  }
}
