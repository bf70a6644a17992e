import Accounts
import Values

/// Deals from HubSpot's CSV export, from a warehouse's copy of its tables, or from any CSV with a mapping.
struct DealsCSVSource: RecordSource {
  let name = "hubspot_csv"
  private let options: ImportOptions
  private let reader: DealReader
  private var table: DealColumns?
  let totalRows = 0
  private(set) var notes: [String] = []

  init(options: ImportOptions, reader: DealReader) {
    self.options = options
    self.reader = reader
  }

  var columns: [String] { table?.summary ?? [] }

  mutating func read(
    _ path: String, progress: (ImportProgress) -> Void, _ row: (SourceRow<DealRow>) throws -> Void
  ) throws {
    var rows = TableRows(
      file: path, fields: DealColumns.fields, options: options, currency: reader.configuration.currency)
    var found: DealColumns?
    try rows.read(progress: progress) { layout in
      found = DealColumns(layout, options: options, configuration: reader.configuration)
    } row: { cells in
      guard let found else { return }
      let deal = Result { () throws(RowProblem) in try self.deal(cells, found) }
      try row(
        SourceRow(line: cells.line, original: .cells(cells.cells, header: cells.layout.header), record: deal))
    }
    table = found
    notes = rows.notes
  }

  private func deal(_ cells: CellReader, _ table: DealColumns) throws(RowProblem) -> DealRow {
    if let problem = cells.problem { throw problem }
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
