import DecisionEngine
import Formats
import Values

/// Deals from answers of HubSpot's CRM v3 API: saved pages `{"results": […]}`, a bare list, or deals one per line.
struct DealsJSONSource: RecordSource {
  let name = "hubspot_json"
  let columns: [String] = []
  let totalRows = 0
  private let reader: DealReader
  private let adProperties: [String]

  init(options: ImportOptions, reader: DealReader) throws {
    let unknown = Set(options.mapping.columns.keys).subtracting(["ad_id"]).sorted()
    guard unknown.isEmpty else {
      throw ImportError.badFile(
        file: "--map", rule: "deals have HubSpot's own properties; only ad_id can be mapped, not \(unknown)")
    }
    self.reader = reader
    adProperties = options.mapping.columns["ad_id"].map { [$0] } ?? ["ad_id", "fb_ad_id", "hsa_ad", "utm_content"]
  }

  mutating func read(
    _ path: String, progress: (ImportProgress) -> Void, _ row: (SourceRow<DealRow>) throws -> Void
  ) throws {
    var stream = JSONElementStream(arrayMembers: ["results"])
    let source = self
    func element(_ element: JSONElementStream.Element) throws {
      let deal = Result { () throws(RowProblem) in try source.deal(JSONFields(element, file: path)) }
      try row(SourceRow(line: element.line, original: .json(element.bytes), record: deal))
    }
    try chunks(path, progress: progress, { try stream.feed($0, element) }, finish: { try stream.finish(element) })
  }

  private func deal(_ fields: JSONFields) throws(RowProblem) -> DealRow {
    let dealID = try fields.requiredText("id")
    guard dealID.utf8.count <= 256 else { throw fields.problem("id", dealID, "must have at most 256 bytes") }
    if fields.value("archived") == .bool(true) { return .deleted(dealID: dealID) }
    guard let properties = fields.value("properties"), properties.kind == .object else {
      throw fields.problem("properties", "missing", "is required")
    }
    let text = { (name: String) in properties[name]?.scalarText.flatMap { $0.isEmpty ? nil : $0 } }
    if let currency = text("deal_currency_code"), let problem = reader.currencyProblem(currency) {
      throw fields.problem("deal_currency_code", currency, problem.rule)
    }
    var amount: Money?
    if let amountText = text("amount") {
      guard let read = Money(decimal: amountText), read >= .zero else {
        throw fields.problem("amount", amountText, "must be a number, 0 or more")
      }
      amount = read
    }
    var adID: AdID?
    if let adText = adProperties.lazy.compactMap(text).first {
      guard let read = AdID(adText) else { throw fields.problem("ad_id", adText, "must be \(AdID.rule)") }
      adID = read
    }
    return .update(
      DealUpdate(
        dealID: dealID, adID: adID, amount: amount, createdAt: try moment(fields, "createdate", text("createdate")),
        moves: try moves(fields, text), source: name))
  }

  /// The moves of the stage's history, oldest first; without a history, the one into the stage the deal stands in.
  private func moves(
    _ fields: JSONFields, _ text: (String) -> String?
  ) throws(RowProblem) -> [DealUpdate.Move] {
    if let history = fields.value("propertiesWithHistory")?["dealstage"]?.arrayValue, !history.isEmpty {
      var moves: [DealUpdate.Move] = []
      for entry in history.reversed() {
        guard let name = entry["value"]?.stringValue, !name.isEmpty else { continue }
        let when = try moment(fields, "dealstage.timestamp", entry["timestamp"]?.scalarText)
        moves.append(DealUpdate.Move(stage: try stage(fields, name).name, occurredAt: when))
      }
      return moves
    }
    guard let name = text("dealstage") else { throw fields.problem("dealstage", "missing", "is required") }
    let stage = try stage(fields, name)
    let entered = reader.entered(
      stage,
      stated: try moment(
        fields, "hs_v2_date_entered_current_stage", text("hs_v2_date_entered_current_stage")),
      closed: try moment(fields, "closedate", text("closedate")))
    return [DealUpdate.Move(stage: stage.name, occurredAt: entered)]
  }

  private func stage(_ fields: JSONFields, _ name: String) throws(RowProblem) -> DealStage {
    switch reader.stage(name) {
    case .success(let stage): return stage
    case .failure(let problem): throw fields.problem("dealstage", name, problem.rule)
    }
  }

  private func moment(_ fields: JSONFields, _ key: String, _ text: String?) throws(RowProblem) -> Instant? {
    guard let text else { return nil }
    guard let moment = reader.dates.moment(text) else { throw fields.problem(key, text, "must be an instant") }
    return moment
  }
}
