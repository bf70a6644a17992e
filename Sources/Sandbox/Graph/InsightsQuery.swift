import Formats
import Values

/// What insights are asked for.
struct InsightsQuery: Sendable {
  /// What a row is of.
  enum Level: String, Sendable {
    case account, campaign, adset, ad
  }

  let node: GraphNode
  let level: Level
  /// The days of each row, in time.
  let periods: [ClosedRange<CalendarDay>]
  let fields: [String]
  let filters: GraphFilters
  /// The attribution windows that actions are also told by.
  let windows: [String]

  /// What is told where nothing is asked for.
  private static let usualFields = [
    "account_id", "campaign_id", "adset_id", "ad_id", "impressions", "spend",
  ]

  /// The parameters that are understood; others are refused rather than left out in silence.
  private static let known: Set<String> = [
    "access_token", "action_attribution_windows", "action_breakdowns", "action_report_time",
    "after",
    "appsecret_proof", "date_preset", "export_format", "fields", "filtering", "level", "limit",
    "locale", "pretty",
    "time_increment", "time_range", "use_account_attribution_setting",
    "use_unified_attribution_setting",
  ]

  private static let knownWindows: Set<String> = [
    "1d_click", "1d_ev", "1d_view", "28d_click", "28d_view", "7d_click", "7d_view", "dda",
    "default", "incrementality",
  ]

  /// More ads and days than this are too much to be read at once.
  static let largest = 50_000

  init(of node: GraphNode, _ call: GraphCall, in view: GraphView) throws(GraphError) {
    for name in call.parameters.keys.sorted() where !Self.known.contains(name) {
      throw .invalid("The sandbox does not serve insights by \(name)", field: name)
    }
    if let breakdowns = try call.list("action_breakdowns"), breakdowns != ["action_type"] {
      throw .invalid(
        "The sandbox does not serve insights by action_breakdowns", field: "action_breakdowns")
    }
    self.node = node
    guard let level = Level(rawValue: call.parameters["level"] ?? node.usualLevel.rawValue) else {
      throw .invalid("Param level must be one of {ad, adset, campaign, account}", field: "level")
    }
    self.level = level
    let days = try Self.days(call, in: view)
    periods = try Self.periods(days, call)
    let names = try GraphFields(of: call).fields.map(\.name)
    fields = names.isEmpty ? Self.usualFields : names
    for field in fields where !InsightsRow.fields.contains(field) {
      throw .invalid("\(field) is not valid for fields param", field: "fields")
    }
    filters = try GraphFilters(of: call)
    windows = try call.list("action_attribution_windows") ?? []
    if let window = windows.first(where: { !Self.knownWindows.contains($0) }) {
      throw .invalid("\(window) is no attribution window", field: "action_attribution_windows")
    }
  }

  /// Whether so much is asked for that it cannot be read at once.
  func isTooLarge(in view: GraphView) -> Bool {
    guard let first = periods.first?.lowerBound, let last = periods.last?.upperBound else {
      return false
    }
    return (last.daysSinceEpoch - first.daysSinceEpoch + 1) * view.ads(below: node).count
      > Self.largest
  }

  private static func days(_ call: GraphCall, in view: GraphView) throws(GraphError) -> ClosedRange<
    CalendarDay
  > {
    let today = view.world.calendar.day(of: view.now)
    guard let text = call.parameters["time_range"] else {
      return try preset(call.parameters["date_preset"] ?? "last_30d", today)
    }
    guard let range = JSONValue.parsed(text),
      let since = range["since"]?.stringValue.flatMap(CalendarDay.init),
      let until = range["until"]?.stringValue.flatMap(CalendarDay.init), since <= until
    else {
      throw .invalid(
        "Param time_range must have days since and until in their order", field: "time_range")
    }
    let (year, month, day) = today.components
    let months = year * 12 + month - 1 - 37
    let earliest =
      CalendarDay(year: months / 12, month: months % 12 + 1, day: min(day, 28)) ?? today
    guard since >= earliest else {
      throw GraphError(
        code: 3_018,
        message:
          "(#3018) The start date of the time range cannot be beyond 37 months from the current date"
      )
    }
    return since...until
  }

  private static func preset(_ name: String, _ today: CalendarDay) throws(GraphError)
    -> ClosedRange<CalendarDay>
  {
    let yesterday = today.adding(days: -1)
    let (year, month, _) = today.components
    let monthStart = CalendarDay(year: year, month: month, day: 1) ?? today
    switch name {
    case "today": return today...today
    case "yesterday": return yesterday...yesterday
    case "last_3d": return today.adding(days: -3)...yesterday
    case "last_7d": return today.adding(days: -7)...yesterday
    case "last_14d": return today.adding(days: -14)...yesterday
    case "last_28d": return today.adding(days: -28)...yesterday
    case "last_30d": return today.adding(days: -30)...yesterday
    case "last_90d": return today.adding(days: -90)...yesterday
    case "this_month": return monthStart...today
    case "maximum": return today.adding(days: -1_100)...today
    default:
      throw .invalid("\(name) is no date_preset that the sandbox serves", field: "date_preset")
    }
  }

  private static func periods(
    _ days: ClosedRange<CalendarDay>, _ call: GraphCall
  ) throws(GraphError) -> [ClosedRange<CalendarDay>] {
    switch call.parameters["time_increment"] ?? "all_days" {
    case "all_days": return [days]
    case "monthly":
      var periods: [ClosedRange<CalendarDay>] = []
      var first = days.lowerBound
      while first <= days.upperBound {
        let (year, month, _) = first.components
        let next =
          CalendarDay(year: month == 12 ? year + 1 : year, month: month % 12 + 1, day: 1)
          ?? days.upperBound
        periods.append(first...min(next.adding(days: -1), days.upperBound))
        first = next
      }
      return periods
    case let text:
      guard let length = Int(text), (1...90).contains(length) else {
        throw .invalid(
          "Param time_increment must be 1 to 90, monthly or all_days", field: "time_increment")
      }
      let span = days.lowerBound.daysSinceEpoch...days.upperBound.daysSinceEpoch
      return stride(from: span.lowerBound, through: span.upperBound, by: length).map { first in
        let last = min(first + length - 1, span.upperBound)
        return CalendarDay(daysSinceEpoch: first)...CalendarDay(daysSinceEpoch: last)
      }
    }
  }
}

extension GraphNode {
  /// What a row of insights is of where nothing is asked for.
  fileprivate var usualLevel: InsightsQuery.Level {
    switch self {
    case .account: .account
    case .campaign: .campaign
    case .adSet: .adset
    case .ad: .ad
    }
  }
}
