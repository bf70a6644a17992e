import Formats
import Values

/// Deals from HubSpot's CSV export, from a warehouse's copy of its tables, or from any CSV by a mapping.
struct DealsCSVSource: RecordSource {
  let name = "hubspot_csv"
  private let options: ImportOptions
  private let reader: DealReader
  private var table: DealColumns?
  let totalRows = 0

  init(options: ImportOptions, reader: DealReader) {
    self.options = options
    self.reader = reader
  }

  var columns: [String] { table?.summary ?? [] }

  mutating func read(
    _ path: String, progress: (ImportProgress) -> Void, _ row: (SourceRow<DealRow>) throws -> Void
  ) throws {
    var csv = CSVReader()
    var source = self
    func record(_ record: CSVRecord) throws {
      guard let table = source.table else {
        source.table = try DealColumns(
          header: record.fields, options: source.options, configuration: source.reader.configuration, file: path)
        return
      }
      let cells = CellReader(file: path, line: record.line, layout: table.layout, cells: record.fields)
      let deal = Result { () throws(RowProblem) in try source.deal(cells, table) }
      try row(
        SourceRow(line: record.line, original: .cells(record.fields, header: table.layout.header), record: deal))
    }
    try chunks(path, progress: progress, { try csv.feed($0, record) }, finish: { try csv.finish(record) })
    self = source
    guard table != nil else { throw ImportError.badFile(file: path, rule: "is empty") }
  }

  private func deal(_ cells: CellReader, _ table: DealColumns) throws(RowProblem) -> DealRow {
    guard cells.cells.count == cells.layout.header.count else {
      throw RowProblem(
        file: cells.file, line: cells.line, column: "1", value: "\(cells.cells.count) cells",
        rule: "must have \(cells.layout.header.count) cells, as the header has")
    }
    guard let facts = try table.facts(cells, dates: reader.dates) else {
      return .deleted(dealID: try cells.requiredText("deal_id"))
    }
    do {
      return try reader.read(facts, source: name)
    } catch {
      throw table.problem(error, cells)
    }
  }
}
