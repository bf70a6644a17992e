import Formats
import Values
import Web

/// Daily figures of ads from answers of Meta's Insights API (`level=ad`, `time_increment=1`).
///
/// Takes saved pages `{"data": […], "paging": …}`, one after another, a bare list, or rows one per line. Meta sends
/// numbers as strings; both are read. A field without data is left out by Meta: clicks then count as 0.
struct MetaInsightsSource: RecordSource {
  let name = "meta_insights"
  let columns: [String] = []
  let totalRows = 0
  /// Nil takes any.
  private let currency: Currency?
  private let clicksField: String
  private var cappedRows = 0

  init(options: ImportOptions, currency: Currency?) throws {
    let unknown = Set(options.mapping.columns.keys).subtracting(["clicks"]).sorted()
    guard unknown.isEmpty else {
      throw ImportError.badFile(
        file: "--map", rule: "insights have Meta's own fields; only clicks can be mapped, not \(unknown)")
    }
    self.currency = currency
    clicksField = options.mapping.columns["clicks"] ?? "clicks"
  }

  var notes: [String] { cappedRows > 0 ? [ClickCap.note(cappedRows)] : [] }

  mutating func read(
    _ path: String, progress: (ImportProgress) -> Void, _ row: (SourceRow<DailyMetrics>) throws -> Void
  ) throws {
    var stream = JSONElementStream(arrayMembers: ["data"])
    var source = self
    func element(_ element: JSONElementStream.Element) throws {
      let day = Result { () throws(RowProblem) in try source.day(element, path) }
      try row(SourceRow(line: element.line, original: .json(element.bytes), record: day))
    }
    try chunks(path, progress: progress, { try stream.feed($0, element) }, finish: { try stream.finish(element) })
    self = source
  }

  private mutating func day(_ element: JSONElementStream.Element, _ file: String) throws(RowProblem) -> DailyMetrics {
    let fields = try JSONFields(element, file: file)
    if let error = fields.value("error") {
      throw fields.problem("error", error["message"]?.stringValue ?? "", "is Meta's refusal, not figures")
    }
    if let currency, let stated = fields.text("account_currency"), stated != currency.code {
      throw fields.problem("account_currency", stated, "must be the account's currency, \(currency)")
    }
    let adText = try fields.requiredText("ad_id")
    guard let number = AdNumberText.read(adText, isNumber: false) else {
      throw fields.problem("ad_id", adText, AdNumberText.rule)
    }
    guard let adID = AdID(number) else { throw fields.problem("ad_id", adText, "must be \(AdID.rule)") }
    let start = try fields.requiredText("date_start")
    guard let date = CalendarDay(start) else {
      throw fields.problem("date_start", start, "must be a date as YYYY-MM-DD")
    }
    if let stop = fields.text("date_stop"), stop != start {
      throw fields.problem("date_stop", stop, "must be \(start), one row a day: ask for time_increment=1")
    }
    guard let impressions = try fields.count("impressions") else {
      throw fields.problem("impressions", "missing", "is required: ask for the field impressions")
    }
    guard let spend = try fields.amount("spend") else {
      throw fields.problem("spend", "missing", "is required: ask for the field spend")
    }
    var clicks = try fields.count(clicksField)
    if clicks == nil { clicks = try fields.count("inline_link_clicks") }
    var day = DailyMetrics(adID: adID, day: date, impressions: impressions, clicks: clicks ?? 0, spend: spend)
    day.adName = fields.text("ad_name")
    day.reach = try fields.count("reach")
    day.frequency = try fields.number("frequency")
    day.leads = try leads(fields)
    day.delivery = fields.text("effective_status").flatMap { DeliveryState(reported: $0) }
    if ClickCap.apply(to: &day) { cappedRows += 1 }
    if let problem = day.problem { throw fields.problem(problem.field, problem.value, problem.rule) }
    return day
  }

  /// The leads of the first type in ``leadTypes`` that the row has.
  ///
  /// A row has a type once, or in parts where actions are broken down, as by device: parts add up. Types overlap,
  /// `lead` being the sum of the others, and are not summed.
  private func leads(_ fields: JSONFields) throws(RowProblem) -> Int? {
    guard let actions = fields.value("actions")?.arrayValue else { return nil }
    for type in Self.leadTypes {
      let parts = actions.filter { $0["action_type"]?.stringValue == type }
      guard !parts.isEmpty else { continue }
      var sum = Money.zero
      for part in parts {
        guard let text = part["value"]?.scalarText, let count = Money(decimal: text), let next = sum.adding(count)
        else {
          throw fields.problem("actions", type, "must have a number as its value")
        }
        sum = next
      }
      return Int(sum.micros / 1_000_000)
    }
    return 0
  }

  /// What Meta calls leads: all of them, those of its own forms, those of a website, and older names.
  private static let leadTypes = [
    "lead", "onsite_conversion.lead_grouped", "onsite_web_lead", "onsite_web_app_lead",
    "offsite_conversion.fb_pixel_lead", "onsite_conversion.lead", "leadgen_grouped",
  ]
}

/// The members of one JSON element, with the place they stand at.
struct JSONFields {
  private let file: String
  private let line: Int
  private let object: JSONValue

  /// Throws a ``RowProblem`` where the element is no object.
  init(_ element: JSONElementStream.Element, file: String) throws(RowProblem) {
    self.file = file
    line = element.line
    do {
      object = try JSONReader.read(element.bytes) { try $0.readValue() }
    } catch {
      throw RowProblem(file: file, line: element.line, column: "\(element.column)", value: "", rule: "\(error)")
    }
    guard object.kind == .object else {
      throw RowProblem(
        file: file, line: element.line, column: "\(element.column)", value: object.kind.rawValue,
        rule: "must be an object")
    }
  }

  func value(_ key: String) -> JSONValue? {
    object[key].flatMap { $0.kind == .null ? nil : $0 }
  }

  /// A string or a number, as its text; nil where it is missing, null or empty.
  func text(_ key: String) -> String? {
    value(key)?.scalarText.flatMap { $0.isEmpty ? nil : $0 }
  }

  func requiredText(_ key: String) throws(RowProblem) -> String {
    guard let text = text(key) else { throw problem(key, "missing", "is required") }
    return text
  }

  func count(_ key: String) throws(RowProblem) -> Int? {
    guard let text = text(key) else { return nil }
    guard let number = Int(text) else { throw problem(key, text, "must be a whole number") }
    return number
  }

  func number(_ key: String) throws(RowProblem) -> Double? {
    guard let text = text(key) else { return nil }
    guard let number = Double(text), number.isFinite, number >= 0 else {
      throw problem(key, text, "must be a number, 0 or more")
    }
    return number
  }

  func amount(_ key: String) throws(RowProblem) -> Money? {
    guard let text = text(key) else { return nil }
    guard let amount = Money(decimal: text) else {
      throw problem(key, text, "must be a number such as 1234.56, at most \(Money.largestInput)")
    }
    return amount
  }

  func problem(_ key: String, _ value: String, _ rule: String) -> RowProblem {
    RowProblem(file: file, line: line, column: key, value: value, rule: rule)
  }
}

extension JSONValue {
  /// The text of a string or a number; nil for every other kind.
  package var scalarText: String? {
    switch self {
    case .string(let text), .number(let text): text
    case .null, .bool, .array, .object: nil
    }
  }
}
