import Accounts
import Values

/// The columns of a table of deals, in whatever kind of file.
struct DealColumns: Sendable {
  let layout: ColumnLayout
  /// The columns that may name the ad, best first.
  private let adWords: [(name: String, position: Int)]
  /// The columns with the time at which a stage was entered, by the stage's id or label.
  private let entries: [(stage: String, position: Int)]
  /// Whether a warehouse wrote the file: its times without a zone are UTC, not in the account's time zone.
  private let isUTC: Bool

  /// Finds the columns beyond the fields that every table of deals has.
  init(_ layout: ColumnLayout, options: ImportOptions, configuration: AccountConfiguration) {
    self.layout = layout
    let names = layout.header.map(CRMReader.loose)
    if let position = options.mapping.columns["ad_id"].flatMap({ _ in layout.column("ad_id").position }) {
      adWords = [(layout.header[position], position)]
    } else {
      adWords = configuration.crm.adIDProperties.flatMap { property in
        Self.hubSpot(property).map(CRMReader.loose).compactMap { names.firstIndex(of: $0) }.prefix(1)
          .map { (property, $0) }
      }
    }
    entries = Self.entries(layout.header)
    let marks = ["property_", "properties_", "_fivetran", "_airbyte", "_dlt", "deal_pipeline_stage_id"]
    isUTC = layout.header.contains { name in marks.contains { name.lowercased().hasPrefix($0) } }
  }

  /// The columns that are read, in words.
  var summary: [String] {
    let ads = adWords.map { "ad_id from '\(layout.header[$0.position])'" }.filter { !layout.summary.contains($0) }
    return layout.summary + ads + (entries.isEmpty ? [] : ["moves from \(entries.count) columns of stages' dates"])
  }

  /// The row's deal; `nil` for a row that says that the deal was deleted.
  func facts(_ cells: CellReader, dates: DateReader) throws(RowProblem) -> DealFacts? {
    let dealID = try cells.requiredText("deal_id").canonical
    guard dealID.utf8.count <= 256 else { throw cells.problem("deal_id", dealID, "must have at most 256 bytes") }
    if ["true", "1"].contains(cells.text("is_deleted")?.lowercased()) { return nil }
    let dates = isUTC ? dates.utc : dates
    func moment(_ field: String) throws(RowProblem) -> Instant? {
      guard let text = cells.text(field) else { return nil }
      guard let moment = dates.moment(text) else { throw cells.problem(field, text, Self.momentRule) }
      return moment
    }
    var facts = DealFacts(dealID: dealID)
    facts.stage = cells.text("stage")
    facts.pipeline = cells.text("pipeline")
    facts.currency = cells.text("currency")
    facts.amount = try amount("amount", cells)
    facts.companyAmount = try amount("company_amount", cells)
    facts.createdAt = try moment("created_at")
    facts.closedAt = try moment("closed_at")
    facts.stageEnteredAt = try moment("stage_entered_at")
    facts.mergedIDs = cells.text("merged_deal_ids")
    for (name, position) in adWords {
      if let word = try adWord(name, at: position, cells) { facts.adWords.append(word) }
    }
    for (stage, position) in entries {
      let text = cells.cells[position].trimmed
      guard !text.isEmpty else { continue }
      guard let at = dates.moment(text) else {
        throw RowProblem(
          file: cells.file, line: cells.line, column: layout.header[position], value: text, rule: Self.momentRule)
      }
      facts.entries.append(CRMReader.Version(value: stage, at: at))
    }
    return facts
  }

  /// The text of a cell that may name the ad. Refuses an ad number that a spreadsheet rounded; freely written text may
  /// look like one.
  private func adWord(_ name: String, at position: Int, _ cells: CellReader) throws(RowProblem) -> AdWord? {
    guard let text = cells.text(at: position) else { return nil }
    let word = AdWord(name: name, value: text)
    if word.isFree { return word }
    guard let number = AdNumberText.read(text, isNumber: cells.record.numbers.contains(position)) else {
      throw RowProblem(
        file: cells.file, line: cells.line, column: layout.header[position], value: text, rule: AdNumberText.rule)
    }
    return AdWord(name: name, value: number)
  }

  /// The cell in which a problem is.
  func problem(_ problem: DealProblem, _ cells: CellReader) -> RowProblem {
    switch problem.field {
    case .stage: return cells.problem("stage", problem.value, problem.rule)
    case .currency: return cells.problem("currency", problem.value, problem.rule)
    case .companyAmount: return cells.problem("company_amount", problem.value, problem.rule)
    case .adID:
      let column = adWords.first { cells.cells[$0.position].trimmed == problem.value }
      return RowProblem(
        file: cells.file, line: cells.line, column: column.map { layout.header[$0.position] } ?? "ad_id",
        value: problem.value, rule: problem.rule)
    }
  }

  private static let momentRule = "must be a date or a time; for dates such as 3/4/2026 say --date-format"

  private func amount(_ field: String, _ cells: CellReader) throws(RowProblem) -> Money? {
    guard let amount = try cells.amount(field) else { return nil }
    guard amount >= .zero else { throw cells.problem(field, "\(amount)", "must be 0 or more") }
    return amount
  }

  /// The stages of columns such as `Date entered "Closed Won (Sales Pipeline)"` and `hs_v2_date_entered_closedwon`.
  private static func entries(_ header: [String]) -> [(stage: String, position: Int)] {
    var found: [String: (position: Int, rank: Int)] = [:]
    for (position, name) in header.enumerated() {
      guard let (stage, rank) = entry(name), stage != "current_stage" else { continue }
      if let other = found[stage], other.rank <= rank { continue }
      found[stage] = (position, rank)
    }
    return found.map { ($0.key, $0.value.position) }.sorted { $0.1 < $1.1 }
  }

  /// The stage whose entry time a column with this name contains; of two for one stage the lower rank counts.
  static func entry(_ name: String) -> (stage: String, rank: Int)? {
    let phrase = "date entered "
    if name.lowercased().hasPrefix(phrase) {
      let rest = name.dropFirst(phrase.count).trimmed
      guard let first = rest.first, let last = rest.last, rest.count > 2, "\"'“‘„«".contains(first),
        "\"'”’“»".contains(last)
      else { return nil }
      return (rest.dropFirst().dropLast().trimmed, 0)
    }
    for prefix in hubSpot("hs_v2_date_entered_") where name.lowercased().hasPrefix(prefix) {
      return (String(name.dropFirst(prefix.count)), 0)
    }
    for prefix in hubSpot("hs_date_entered_") where name.lowercased().hasPrefix(prefix) {
      return (String(name.dropFirst(prefix.count)), 1)
    }
    return nil
  }

  /// The names of a HubSpot property in its API and in the tables of Fivetran, Airbyte and dlt.
  private static func hubSpot(_ property: String) -> [String] {
    ["", "property_", "properties_", "properties__", "properties."].map { $0 + property }
  }

  /// The fields of a deal and their names in HubSpot's export, in its API and in warehouses' copies of it.
  static let fields = [
    ImportField(
      "deal_id", required: true, ["Record ID", "Deal ID"] + hubSpot("hs_object_id") + ["id", "opportunity_id"]),
    ImportField(
      "stage", required: true,
      ["Deal Stage"] + hubSpot("dealstage") + ["deal_stage", "deal_pipeline_stage_id", "value"]),
    ImportField("pipeline", ["Pipeline", "Deal pipeline"] + hubSpot("pipeline") + ["deal_pipeline_id"]),
    ImportField("amount", as: .amount, ["Amount", "Deal amount"] + hubSpot("amount") + ["close_value"]),
    ImportField(
      "company_amount", as: .amount,
      ["Amount in company currency"] + hubSpot("amount_in_home_currency") + hubSpot("hs_amount_in_home_currency")),
    // The account's ad_id_properties determine which columns name the ad.
    ImportField("ad_id", []),
    ImportField("created_at", ["Create Date"] + hubSpot("createdate") + ["engage_date"]),
    ImportField("closed_at", ["Close Date"] + hubSpot("closedate") + ["close_date"]),
    ImportField(
      "stage_entered_at",
      ["Date entered current stage"] + hubSpot("hs_v2_date_entered_current_stage") + ["date_entered"]),
    ImportField("currency", hubSpot("deal_currency_code") + ["Currency"]),
    ImportField("merged_deal_ids", ["Merged Deal IDs"] + hubSpot("hs_merged_object_ids")),
    ImportField("is_deleted", ["is_deleted", "_fivetran_deleted", "archived"]),
  ]
}
