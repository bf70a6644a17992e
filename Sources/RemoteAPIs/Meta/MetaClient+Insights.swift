import Formats
import Values

/// Which figures of ads to request.
package struct MetaInsightsQuery: Equatable, Sendable {
  /// What a row describes.
  package enum Level: String, Sendable {
    case ad
    case adSet = "adset"
    case campaign
    case account
  }

  /// The first and the last day, in the ad account's time zone. Meta keeps 37 months.
  package var since: CalendarDay
  package var until: CalendarDay
  /// What a row describes.
  package var level = Level.ad
  /// How many days a row covers, 1 to 90.
  package var days = 1
  /// The fields of a row.
  package var fields: [String]
  /// The attribution windows after a view or click, such as `7d_click`; empty for the account's own.
  package var attributionWindows: [String] = []
  /// What rows are broken down by, such as `publisher_platform`; empty for unbroken rows.
  package var breakdowns: [String] = []
  /// Only ads in these states; without any, archived and deleted ads are left out.
  package var statuses: [MetaEffectiveStatus] = []
  /// The most rows on a page; nil for Meta's default.
  package var limit: Int? = MetaClient.pageSize

  /// Requests a row for each ad and day.
  package init(since: CalendarDay, until: CalendarDay, fields: [String]) {
    self.since = since
    self.until = until
    self.fields = fields
  }

  /// The parameters other than the fields, which a read and a report request encode differently.
  var parameters: [(name: String, value: String)] {
    var parameters = [
      (name: "level", value: level.rawValue), (name: "time_increment", value: "\(days)"),
      (
        name: "time_range",
        value: MetaClient.text(["since": .string("\(since)"), "until": .string("\(until)")])
      ),
    ]
    for (name, values) in [("action_attribution_windows", attributionWindows), ("breakdowns", breakdowns)]
    where !values.isEmpty {
      parameters.append((name, MetaClient.text(.array(values.map(JSONValue.string)))))
    }
    if !statuses.isEmpty {
      let filter: JSONValue = [
        "field": "ad.effective_status", "operator": "IN", "value": .array(statuses.map { .string($0.rawValue) }),
      ]
      parameters.append((name: "filtering", value: MetaClient.text([filter])))
    }
    if let limit { parameters.append((name: "limit", value: "\(limit)")) }
    return parameters
  }
}

/// The progress of a report.
package enum MetaReport: Equatable, Sendable {
  /// Meta is working on it; percent, 0 to 100.
  case running(percent: Int)
  /// Its rows can be read.
  case completed
  /// Meta abandoned it; request another, perhaps for fewer days.
  case failed(String)
}

extension MetaClient {
  /// The rows of figures in Meta's format, page by page.
  ///
  /// An ad has a row only for days on which it was shown or something was reported about it. Numbers are strings,
  /// `spend` is in major units of the currency, and a field without data is left out. Throws
  /// ``MetaError/Kind/tooMuchData`` where it is too much for one reply.
  package func insights(_ query: MetaInsightsQuery) -> MetaPages<JSONValue> {
    rows(
      of: "\(adAccount)/insights",
      query.parameters + [(name: "fields", value: query.fields.joined(separator: ","))])
  }

  /// Requests a report of figures, for what is too much to be read at once, and returns its id, valid for 30 days.
  package func orderReport(_ query: MetaInsightsQuery) async throws(MetaError) -> MetaID {
    let fields = Self.text(.array(query.fields.map(JSONValue.string)))
    let answer = try await post(
      "\(adAccount)/insights", query.parameters + [(name: "fields", value: fields)], for: .insights)
    return try read { () throws(JSONField.Problem) in try answer.id("report_run_id") }
  }

  /// The progress of a report.
  package func report(_ id: MetaID) async throws(MetaError) -> MetaReport {
    let answer = try await get("\(id)/", for: .insights)
    return try read { () throws(JSONField.Problem) in
      let status = try answer.member("async_status").text()
      let percent = try answer.member("async_percent_completion").optionalInteger() ?? 0
      switch status {
      case "Job Completed" where percent >= 100: return .completed
      case "Job Failed", "Job Skipped":
        let texts = [
          try answer.member("error_user_msg").optionalText(), try answer.member("error_message").optionalText(),
        ]
        return .failed("\(status): \((texts.compactMap { $0 }.first ?? "without a reason").prefix(300))")
      default: return .running(percent: Int(min(max(percent, 0), 100)))
      }
    }
  }

  /// The rows of a completed report, page by page.
  package func rows(ofReport id: MetaID, limit: Int? = MetaClient.pageSize) -> MetaPages<JSONValue> {
    rows(of: "\(id)/insights", limit.map { [(name: "limit", value: "\($0)")] } ?? [])
  }

  private func rows(of path: String, _ parameters: [(name: String, value: String)]) -> MetaPages<JSONValue> {
    MetaPages(self, path, parameters, for: .insights) { field throws(JSONField.Problem) in field.value }
  }
}
