import DecisionEngine
import Values

/// Deals from HubSpot's CSV export, or any CSV by a mapping.
struct DealsCSVSource: RecordSource {
  let name = "hubspot_csv"
  private let options: ImportOptions
  private let reader: DealReader
  private var layout: ColumnLayout?
  let totalRows = 0
  private(set) var notes: [String] = []

  init(options: ImportOptions, reader: DealReader) {
    self.options = options
    self.reader = reader
  }

  var columns: [String] { layout?.summary ?? [] }

  mutating func read(
    _ path: String, progress: (ImportProgress) -> Void, _ row: (SourceRow<DealRow>) throws -> Void
  ) throws {
    var table = TableRows(
      file: path, fields: Self.fields, options: options, currency: reader.configuration.currency)
    let source = self
    var found: ColumnLayout?
    try table.read(progress: progress) {
      found = $0
    } row: { cells in
      let deal = Result { () throws(RowProblem) in try source.deal(cells) }
      try row(
        SourceRow(line: cells.line, original: .cells(cells.cells, header: cells.layout.header), record: deal))
    }
    layout = found
    notes = table.notes
  }

  private func deal(_ cells: CellReader) throws(RowProblem) -> DealRow {
    if let problem = cells.problem { throw problem }
    let dealID = try cells.requiredText("deal_id")
    guard dealID.utf8.count <= 256 else { throw cells.problem("deal_id", dealID, "must have at most 256 bytes") }
    if let currency = cells.text("currency"), let problem = reader.currencyProblem(currency) {
      throw cells.problem("currency", currency, problem.rule)
    }
    let stageName = try cells.requiredText("stage")
    switch reader.stage(stageName) {
    case .failure(let problem): throw cells.problem("stage", stageName, problem.rule)
    case .success(let stage):
      let entered = reader.entered(
        stage, stated: try moment(cells, "stage_entered_at"), closed: try moment(cells, "closed_at"))
      let amount = try cells.amount("amount")
      if let amount, amount < .zero { throw cells.problem("amount", "\(amount)", "must be 0 or more") }
      return .update(
        DealUpdate(
          dealID: dealID, adID: try cells.adID("ad_id"), amount: amount, createdAt: try moment(cells, "created_at"),
          moves: [DealUpdate.Move(stage: stage.name, occurredAt: entered)], source: name))
    }
  }

  private func moment(_ cells: CellReader, _ field: String) throws(RowProblem) -> Instant? {
    guard let text = cells.text(field) else { return nil }
    guard let moment = reader.dates.moment(text) else {
      throw cells.problem(field, text, "must be a date or a time; for dates such as 3/4/2026 say --date-format")
    }
    return moment
  }

  /// The fields of a deal and what HubSpot's export and API call them.
  static let fields = [
    ImportField("deal_id", required: true, ["Record ID", "Deal ID", "hs_object_id", "id", "opportunity_id"]),
    ImportField("stage", required: true, ["Deal Stage", "dealstage", "deal_stage"]),
    ImportField("amount", as: .amount, ["Amount", "Deal amount", "property_amount", "close_value"]),
    ImportField("ad_id", ["Ad ID", "fb_ad_id", "hsa_ad", "utm_content"]),
    ImportField("created_at", ["Create Date", "createdate", "property_createdate", "engage_date"]),
    ImportField("closed_at", ["Close Date", "closedate", "property_closedate", "close_date"]),
    ImportField("stage_entered_at", ["Date entered current stage", "hs_v2_date_entered_current_stage"]),
    ImportField("currency", ["deal_currency_code", "Currency"]),
  ]
}
