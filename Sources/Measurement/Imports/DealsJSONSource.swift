import Accounts
import Formats
import Values

/// Deals from replies of HubSpot's CRM v3 API: saved pages `{"results": […]}`, a bare list, or one deal per line.
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
    adProperties = options.mapping.columns["ad_id"].map { [$0] } ?? reader.configuration.crm.adIDProperties
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
    let dealID = try fields.requiredText("id").canonical
    guard dealID.utf8.count <= 256 else { throw fields.problem("id", dealID, "must have at most 256 bytes") }
    if fields.value("archived") == .bool(true) { return .deleted(dealID: dealID) }
    let facts = try facts(dealID, fields)
    do {
      return try reader.read(facts, source: name)
    } catch {
      let property =
        switch error.field {
        case .stage: "dealstage"
        case .currency: "deal_currency_code"
        case .companyAmount: "amount_in_home_currency"
        case .adID: facts.adWords.first { $0.value == error.value }?.name ?? "ad_id"
        }
      if error.field == .stage, error.value.isEmpty { throw fields.problem(property, "missing", "is required") }
      throw fields.problem(property, error.value, error.rule)
    }
  }

  private func facts(_ dealID: String, _ fields: JSONFields) throws(RowProblem) -> DealFacts {
    guard let properties = fields.value("properties"), case .object(let object) = properties else {
      throw fields.problem("properties", "missing", "is required")
    }
    let text = { (name: String) in properties[name]?.scalarText.flatMap { $0.isEmpty ? nil : $0 } }
    var facts = DealFacts(dealID: dealID)
    facts.stage = text("dealstage")
    facts.pipeline = text("pipeline")
    facts.currency = text("deal_currency_code")
    facts.amount = try amount(fields, "amount", text("amount"))
    let inCompanyCurrency = ["amount_in_home_currency", "hs_amount_in_home_currency"]
    for name in inCompanyCurrency where facts.companyAmount == nil {
      facts.companyAmount = try amount(fields, name, text(name))
    }
    facts.createdAt = try moment(fields, "createdate", text("createdate"))
    facts.closedAt = try moment(fields, "closedate", text("closedate"))
    let entered = "hs_v2_date_entered_current_stage"
    facts.stageEnteredAt = try moment(fields, entered, text(entered))
    facts.mergedIDs = text("hs_merged_object_ids")
    facts.adWords = adProperties.compactMap { name in text(name).map { AdWord(name: name, value: $0) } }
    facts.stages = try versions(fields, "dealstage")
    facts.pipelines = try versions(fields, "pipeline")
    if facts.stages.isEmpty { facts.entries = try entries(fields, object, text) }
    return facts
  }

  /// The history of a property.
  private func versions(_ fields: JSONFields, _ property: String) throws(RowProblem) -> [CRMReader.Version] {
    var versions: [CRMReader.Version] = []
    for entry in fields.value("propertiesWithHistory")?[property]?.arrayValue ?? [] {
      guard let value = entry["value"]?.scalarText, !value.isEmpty else { continue }
      guard let at = try moment(fields, "\(property).timestamp", entry["timestamp"]?.scalarText) else {
        throw fields.problem("\(property).timestamp", "missing", "is required")
      }
      versions.append(CRMReader.Version(value: value, at: at))
    }
    return versions
  }

  /// The moments at which stages were entered, from properties such as `hs_v2_date_entered_closedwon`.
  private func entries(
    _ fields: JSONFields, _ properties: JSONObject, _ text: (String) -> String?
  ) throws(RowProblem) -> [CRMReader.Version] {
    var entries: [String: (at: Instant, rank: Int)] = [:]
    for name in properties.members.map(\.key) {
      guard let (stage, rank) = DealColumns.entry(name), stage != "current_stage",
        let at = try moment(fields, name, text(name))
      else { continue }
      if let other = entries[stage], other.rank <= rank { continue }
      entries[stage] = (at, rank)
    }
    return entries.map { CRMReader.Version(value: $0.key, at: $0.value.at) }
  }

  private func amount(_ fields: JSONFields, _ key: String, _ text: String?) throws(RowProblem) -> Money? {
    guard let text else { return nil }
    guard let amount = Money(decimal: text), amount >= .zero else {
      throw fields.problem(key, text, "must be a number, 0 or more")
    }
    return amount
  }

  private func moment(_ fields: JSONFields, _ key: String, _ text: String?) throws(RowProblem) -> Instant? {
    guard let text else { return nil }
    guard let moment = reader.dates.moment(text) else { throw fields.problem(key, text, "must be an instant") }
    return moment
  }
}
