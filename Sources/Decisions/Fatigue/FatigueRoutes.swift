import DecisionEngine
import Formats
import Measurement
import Values
import Web

/// Judges an ad's wear over HTTP.
package struct FatigueRoutes: Sendable {
  private let ads: AdService

  package init(ads: AdService) {
    self.ads = ads
  }

  /// The route.
  package var endpoints: [Endpoint] {
    [
      Endpoint(
        .post, "/api/ml/fatigue/check", operationID: "checkFatigue",
        summary: "Judges an ad's wear by the days given, or by its stored days.", tag: "Fatigue",
        access: .role(.operator), request: FatigueCoding.request, response: FatigueCoding.response,
        otherAnswers: [.notFound]
      ) { call in
        let caller = try call.caller()
        let request = try FatigueCoding.read(call.body, caller: caller)
        var days = request.days
        if days == nil {
          days = try await ads.lastDays(FatigueService.dayCount, of: request.adID, account: caller.accountID).map(
            DeliveryDay.init)
        }
        return FatigueCoding.reply(request.adID, FatigueDetector.report(on: days ?? []))
      }
    ]
  }
}

extension DeliveryDay {
  /// The values of a stored day that the fatigue rules need.
  init(_ day: DailyMetrics) {
    self.init(
      impressions: day.impressions, clicks: day.clicks, spend: day.spend.majorUnits, frequency: day.frequency,
      day: day.day)
  }
}

/// The body and the answer of the fatigue check.
enum FatigueCoding {
  private static let dayCount = 1...366

  static let request = Schema.object(
    required: [("ad_id", .text("The ad's id.", length: 1...128))],
    optional: [
      ("account_id", .text("The key's own account.", length: 1...64)),
      (
        "daily_metrics",
        .array(
          of: .object(
            required: [
              ("impressions", .integer("Times shown that day.", 0...1_000_000_000_000)),
              ("clicks", .integer("Clicks that day; at most impressions.", 0...1_000_000_000_000)),
              ("spend", .amount("Money spent that day.")),
            ],
            optional: [
              ("date", .formatted("The day; rows must be oldest first.", "date")),
              ("frequency", .number("Mean times each person was shown the ad.", 0...1_000_000)),
            ]), count: dayCount)
      ),
    ]
  ).named("FatigueRequest")

  static let response = Schema.object(
    required: [
      ("ad_id", .string("The ad's id.")),
      ("status", .choice("Why the ad works less well.", FatigueStatus.allCases.map(\.rawValue))),
      ("level", .choice("How soon somebody should act.", FatigueLevel.allCases.map(\.rawValue))),
      ("rule", .choice("The rule that decided.", FatigueReport.Rule.allCases.map(\.rawValue))),
      ("reason", .string("Why, in words.")), ("days", .integer("How many days were judged.")),
    ],
    optional: [
      ("ctr_change", .number("Change of CTR since three days ago, as a ratio.")),
      ("cpm_change", .number("Change of CPM since three days ago, as a ratio.")),
      ("frequency", .number("The last day's frequency.")),
      ("impression_growth", .number("Change of impressions over seven days, as a ratio.")),
    ]
  ).named("FatigueReport")

  static func read(_ body: [UInt8], caller: Principal) throws -> (adID: AdID, days: [DeliveryDay]?) {
    var otherAccount: String?
    let request = try FieldReader.read(body) { json, fields in
      var (adID, days, given) = (AdID?.none, [DeliveryDay]?.none, false)
      try json.readObject { key, json in
        if ["account_id", "daily_metrics"].contains(key), try json.readNull() { return }
        switch key {
        case "ad_id":
          given = true
          adID = try fields.adID(key, &json, at: .root)
        case "account_id":
          if let name = try fields.string(key, &json, at: .root), name != caller.accountID.value {
            otherAccount = name
          }
        case "daily_metrics": days = try readDays(&json, &fields)
        default: try fields.unknown(key, &json, at: .root, known: "ad_id, account_id, daily_metrics")
        }
      }
      if !given { fields.missing("ad_id", at: .root) }
      return adID.map { (adID: $0, days: days) }
    }
    if let otherAccount { _ = try caller.ownAccount(named: otherAccount, field: "account_id") }
    return request
  }

  private static func readDays(_ json: inout JSONReader, _ fields: inout FieldReader) throws -> [DeliveryDay]? {
    guard try json.peekKind() == .array else {
      fields.note("daily_metrics", try json.peekKind().rawValue, "must be a list of days, oldest first")
      try json.skipValue()
      return nil
    }
    var days: [DeliveryDay] = []
    var lastDate: CalendarDay?
    try json.readArray { index, json in
      let path = FieldPath.element(of: "daily_metrics", index)
      guard try json.peekKind() == .object else {
        fields.note(path.appending(""), try json.peekKind().rawValue, "must be an object")
        return try json.skipValue()
      }
      let (day, date) = try readDay(&json, &fields, at: path)
      if let date, let lastDate, date <= lastDate {
        fields.note(path.appending("date"), "\(date)", "must be later than the row before (\(lastDate))")
      }
      lastDate = date ?? lastDate
      if let day { days.append(day) }
    }
    guard dayCount.contains(days.count) || !fields.problems.isEmpty else {
      fields.note("daily_metrics", "\(days.count) days", "must be \(dayCount.lowerBound) to \(dayCount.upperBound)")
      return nil
    }
    return days
  }

  private static func readDay(
    _ json: inout JSONReader, _ fields: inout FieldReader, at path: FieldPath
  ) throws -> (DeliveryDay?, CalendarDay?) {
    var (impressions, clicks, spend) = (Int?.none, Int?.none, Money?.none)
    var (frequency, date) = (Double?.none, CalendarDay?.none)
    var given = Set<String>()
    let required = ["impressions", "clicks", "spend"]
    try json.readObject { key, json in
      given.insert(key)
      if ["date", "frequency"].contains(key), try json.readNull() { return }
      switch key {
      case "impressions": impressions = try fields.count(key, &json, at: path)
      case "clicks": clicks = try fields.count(key, &json, at: path)
      case "spend": spend = try fields.amount(key, &json, at: path)
      case "frequency": frequency = try fields.number(key, &json, at: path, in: 0...1e6)
      case "date": date = try fields.day(key, &json, at: path)
      default: try fields.unknown(key, &json, at: path, known: "date, impressions, clicks, spend, frequency")
      }
    }
    for key in required where !given.contains(key) { fields.missing(key, at: path) }
    guard let impressions, let clicks, let spend else { return (nil, date) }
    guard clicks <= impressions else {
      fields.note(path.appending("clicks"), "\(clicks)", "must not exceed impressions (\(impressions))")
      return (nil, date)
    }
    return (DeliveryDay(impressions: impressions, clicks: clicks, spend: spend.majorUnits, frequency: frequency), date)
  }

  static func reply(_ adID: AdID, _ report: FatigueReport) -> Reply {
    Reply.object { json in
      json.member("ad_id", adID.value)
      json.member("status", report.status.rawValue)
      json.member("level", report.level.rawValue)
      json.member("rule", report.rule.rawValue)
      json.member("reason", report.reason)
      json.member("days", report.days)
      json.member("ctr_change", report.ctrChange)
      json.member("cpm_change", report.cpmChange)
      json.member("frequency", report.frequency)
      json.member("impression_growth", report.impressionGrowth)
    }
  }
}
