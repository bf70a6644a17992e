import Accounts
import Formats
import Values
import Web

/// Converts a row of Meta's Insights API (`level=ad`, `time_increment=1`), in a file or a reply, into an ad's day.
struct MetaRowReader {
  /// The field that holds the clicks.
  var clicksField: String
  /// Rows whose clicks were reduced to their impressions.
  private(set) var cappedRows = 0
  /// Nil accepts any.
  private let currency: Currency?
  private let leadActions: [String]
  /// Whether a row without actions means that there were none, which it does where actions were requested.
  private let asksForActions: Bool

  init(_ settings: AdReportSettings, currency: Currency?, asksForActions: Bool = false) {
    clicksField = settings.clicks.field
    leadActions = settings.leadActions
    self.currency = currency
    self.asksForActions = asksForActions
  }

  mutating func day(_ fields: JSONFields) throws(RowProblem) -> DailyMetrics {
    if let error = fields.value("error") {
      throw fields.problem("error", error["message"]?.stringValue ?? "", "is an error of Meta's, not figures")
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
    // No database stores U+0000.
    day.adName = fields.text("ad_name")?.replacing("\u{0}", with: "")
    day.reach = try fields.count("reach")
    day.frequency = try fields.number("frequency")
    day.leads = try leads(fields)
    day.delivery = fields.text("effective_status").flatMap { DeliveryState(reported: $0) }
    if ClickCap.apply(to: &day) { cappedRows += 1 }
    if let problem = day.problem { throw fields.problem(problem.field, problem.value, problem.rule) }
    return day
  }

  /// The leads of the first of the account's action types that the row has.
  ///
  /// A row has a type once, or in parts where actions are broken down, as by device: parts are summed. Types overlap,
  /// `lead` being the sum of the others, and are not summed.
  private func leads(_ fields: JSONFields) throws(RowProblem) -> Int? {
    guard let actions = fields.value("actions")?.arrayValue else { return asksForActions ? 0 : nil }
    for type in leadActions {
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
}

/// Figures from an ad platform's replies.
package struct ReportedDays: Sendable {
  package private(set) var days: [DailyMetrics] = []
  /// Rows that are not days of ads, with what is wrong with them; the first 20.
  package private(set) var problems: [RowProblem] = []

  /// The fields that must be requested from Meta.
  package static let metaFields = [
    "ad_id", "ad_name", "account_currency", "impressions", "clicks", "inline_link_clicks", "spend", "reach",
    "frequency", "actions",
  ]

  package init() {}

  /// Adds the days of another reply.
  package mutating func append(_ other: ReportedDays) {
    days += other.days
    problems += other.problems.prefix(20 - problems.count)
  }

  /// Adds rows of Meta's Insights API, interpreted by `configuration`.
  package mutating func take(metaRows rows: [JSONValue], _ configuration: AccountConfiguration) {
    var reader = MetaRowReader(configuration.adReports, currency: configuration.currency, asksForActions: true)
    for row in rows {
      do throws(RowProblem) {
        days.append(try reader.day(JSONFields(row, file: "Meta's answer", line: days.count + 1)))
      } catch {
        if problems.count < 20 { problems.append(error) }
      }
    }
  }
}
