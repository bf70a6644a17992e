import Accounts
import Formats
import Values
import Web

/// Daily figures of ads from replies of Meta's Insights API (`level=ad`, `time_increment=1`).
///
/// Accepts saved pages `{"data": […], "paging": …}`, one after another, a bare list, or one row per line. Meta sends
/// numbers as strings; both are read. Meta leaves out a field without data: clicks then count as 0.
struct MetaInsightsSource: RecordSource {
  let name = "meta_insights"
  let columns: [String] = []
  let totalRows = 0
  private var rows: MetaRowReader

  init(options: ImportOptions, currency: Currency?, _ settings: AdReportSettings = AdReportSettings()) throws {
    let unknown = Set(options.mapping.columns.keys).subtracting(["clicks"]).sorted()
    guard unknown.isEmpty else {
      throw ImportError.badFile(
        file: "--map", rule: "insights have Meta's own fields; only clicks can be mapped, not \(unknown)")
    }
    rows = MetaRowReader(settings, currency: currency)
    if let field = options.mapping.columns["clicks"] { rows.clicksField = field }
  }

  var notes: [String] { rows.cappedRows > 0 ? [ClickCap.note(rows.cappedRows)] : [] }

  mutating func read(
    _ path: String, progress: (ImportProgress) -> Void, _ row: (SourceRow<DailyMetrics>) throws -> Void
  ) throws {
    var stream = JSONElementStream(arrayMembers: ["data"])
    var rows = rows
    func element(_ element: JSONElementStream.Element) throws {
      let day = Result { () throws(RowProblem) in try rows.day(JSONFields(element, file: path)) }
      try row(SourceRow(line: element.line, original: .json(element.bytes), record: day))
    }
    try chunks(path, progress: progress, { try stream.feed($0, element) }, finish: { try stream.finish(element) })
    self.rows = rows
  }
}
