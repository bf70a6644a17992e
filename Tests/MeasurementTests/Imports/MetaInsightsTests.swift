import AppTestKit
import Measurement
import Testing
import Values

/// Answers of Meta's Insights API, as they were saved.
struct MetaInsightsTests {
  private static func row(_ adID: String, _ day: String, _ more: String = "") -> String {
    #"{"ad_id": "\#(adID)", "date_start": "\#(day)", "date_stop": "\#(day)", "impressions": "1000", "#
      + #""clicks": "25", "spend": "12.34"\#(more)}"#
  }

  private static func page(_ rows: String...) -> String {
    #"{"data": [\#(rows.joined(separator: ","))], "paging": {"cursors": {"after": "x"}, "next": "https://…"}}"#
  }

  static let shapes: [(name: String, text: String)] = [
    ("a page", page(row("1", "2026-05-01"), row("2", "2026-05-01"))),
    ("pages one after another", page(row("1", "2026-05-01")) + "\n" + page(row("2", "2026-05-01")) + page()),
    ("a bare list", "[\(row("1", "2026-05-01")), \(row("2", "2026-05-01"))]"),
    ("rows one per line", row("1", "2026-05-01") + "\n" + row("2", "2026-05-01") + "\n"),
    (
      "numbers as numbers",
      page(row("1", "2026-05-01"), row("2", "2026-05-01"))
        .replacing(#""1000""#, with: "1000").replacing(#""25""#, with: "25").replacing(#""12.34""#, with: "12.34")
    ),
  ]

  @Test("The same two rows in every shape", arguments: 0..<shapes.count)
  func shape(_ index: Int) async throws {
    let shape = Self.shapes[index]
    let test = try await TestSystem()
    let report = try await test.importText(shape.text, as: .metaInsights)
    #expect(report.rows == 2, "\(shape.name)")
    #expect(report.ads == 2, "\(shape.name)")
    #expect(
      try await test.dump(leavingOut: ["ad_daily_metrics.known_at"])["ad_daily_metrics"] == [
        "'acme' '1' '2026-05-01' 1000 25 12340000 NULL NULL NULL NULL NULL 1",
        "'acme' '2' '2026-05-01' 1000 25 12340000 NULL NULL NULL NULL NULL 1",
      ], "\(shape.name)")
  }

  @Test("Names, reach, frequency and leads come in; unknown fields are passed over")
  func fields() async throws {
    let test = try await TestSystem()
    let more =
      #", "ad_name": "Hook", "reach": "800", "frequency": "1.25", "account_currency": "USD", "objective": "X","#
      + #""actions": [{"action_type": "link_click", "value": "9"}, {"action_type": "lead", "value": "3"}]"#
    try await test.importText(Self.page(Self.row("1", "2026-05-01", more)), as: .metaInsights)
    #expect(
      try await test.dump(leavingOut: ["ad_daily_metrics.known_at"])["ad_daily_metrics"] == [
        "'acme' '1' '2026-05-01' 1000 25 12340000 800 1.25 3 NULL NULL 1"
      ])
    #expect(try await test.dump()["ad_states"]?.first?.contains("'Hook'") == true)
  }

  @Test(
    "Parts of one count of leads are summed, and counts that overlap are not",
    arguments: [
      (#"{"action_type": "onsite_conversion.lead_grouped", "value": "2"}, {"action_type": "lead", "value": "5"}"#, "5"),
      (
        #"{"action_type": "offsite_conversion.fb_pixel_lead", "value": "3"}, "#
          + #"{"action_type": "onsite_conversion.lead_grouped", "value": "2"}"#, "2"
      ),
      (#"{"action_type": "offsite_conversion.fb_pixel_lead", "value": 3}"#, "3"),
      (#"{"action_type": "onsite_web_lead", "value": "4"}"#, "4"),
      (
        #"{"action_type": "lead", "action_device": "iphone", "value": "3"}, "#
          + #"{"action_type": "onsite_web_lead", "action_device": "iphone", "value": "3"}, "#
          + #"{"action_type": "lead", "action_device": "desktop", "value": "2"}"#, "5"
      ),
      (#"{"action_type": "link_click", "value": "3"}"#, "0"),
    ])
  func leads(_ actions: String, _ leads: String) async throws {
    let test = try await TestSystem()
    try await test.importText(Self.page(Self.row("1", "2026-05-01", #", "actions": [\#(actions)]"#)), as: .metaInsights)
    #expect(
      try await test.dump(leavingOut: ["ad_daily_metrics.known_at"])["ad_daily_metrics"] == [
        "'acme' '1' '2026-05-01' 1000 25 12340000 NULL NULL \(leads) NULL NULL 1"
      ])
  }

  @Test(
    "Clicks that Meta left out are link clicks, else none; a mapping names another field",
    arguments: [
      (#""inline_link_clicks": "7","#, [], 7), ("", [], 0),
      (#""outbound_clicks_total": "3", "inline_link_clicks": "7","#, ["clicks=outbound_clicks_total"], 3),
    ])
  func clicks(_ field: String, _ mapping: [String], _ clicks: Int) async throws {
    let test = try await TestSystem()
    let row = Self.row("1", "2026-05-01").replacing(#""clicks": "25","#, with: field)
    let report = try await test.importText(row, as: .metaInsights) { $0.mapping = try ColumnMapping(mapping) }
    #expect(report.clicks == clicks)
  }

  static let badRows = [
    BadRow(
      #"{"ad_id": "1", "date_start": "2026-05-01", "date_stop": "2026-05-07", "impressions": "1", "spend": "1"}"#,
      column: "date_stop", value: "2026-05-07", rule: "must be 2026-05-01, one row a day: ask for time_increment=1"),
    BadRow(
      #"{"error": {"message": "Please reduce the amount of data", "code": 1}}"#, column: "error",
      value: "Please reduce the amount of data", rule: "is an error of Meta's, not figures"),
    BadRow(
      row("1", "2026-05-02", #", "account_currency": "EUR""#), column: "account_currency", value: "EUR",
      rule: "must be the account's currency, USD"),
    BadRow(#"{"date_start": "2026-05-01"}"#, column: "ad_id", value: "missing", rule: "is required"),
    BadRow(#"{"ad_id": "1"}"#, column: "date_start", value: "missing", rule: "is required"),
    BadRow(row("1", "1.5.2026"), column: "date_start", value: "1.5.2026", rule: "must be a date as YYYY-MM-DD"),
    BadRow(
      #"{"ad_id": "1", "date_start": "2026-05-01", "spend": "1"}"#, column: "impressions", value: "missing",
      rule: "is required: ask for the field impressions"),
    BadRow(
      #"{"ad_id": "1", "date_start": "2026-05-01", "impressions": "1"}"#, column: "spend", value: "missing",
      rule: "is required: ask for the field spend"),
    BadRow(
      #"{"ad_id": "1", "date_start": "2026-05-01", "impressions": "many", "spend": "1"}"#, column: "impressions",
      value: "many", rule: "must be a whole number"),
    BadRow(
      #"{"ad_id": "1", "date_start": "2026-05-01", "impressions": "1", "spend": "1e3"}"#, column: "spend",
      value: "1e3", rule: "must be a number such as 1234.56, at most 1000000000"),
    BadRow(
      row("1", "2026-05-02", #", "frequency": "often""#), column: "frequency", value: "often",
      rule: "must be a number, 0 or more"),
    BadRow("[1]", column: "2", value: "number", rule: "must be an object"),
  ]

  @Test("A bad row is named with its place, and nothing comes in", arguments: badRows)
  func badRow(_ bad: BadRow) async throws {
    let test = try await TestSystem()
    let error = try await test.refusal(of: Self.row("1", "2026-05-01") + "\n\n" + bad.text, as: .metaInsights)
    bad.expect(error, in: test.path("file.json"), line: 3)
  }

  @Test(
    "Broken JSON is refused with its line",
    arguments: [
      "{\"data\": [\n\(row("1", "2026-05-01")),\n{\"ad_id\": ", "\(row("1", "2026-05-01"))\n\n}",
      "{\"data\": [\n\(row("1", "2026-05-01"))\n x]}",
    ])
  func brokenJSON(_ text: String) async throws {
    let test = try await TestSystem()
    let error = try await test.refusal(of: text, as: .metaInsights)
    #expect(error.description.hasPrefix("\(test.path("file.json")):3:"), "\(error)")
    #expect(error.fileRule?.hasPrefix("is not JSON: ") == true)
  }

  @Test("A row that is broken inside is a bad row")
  func brokenRow() async throws {
    let test = try await TestSystem()
    let error = try await test.refusal(of: "[\n{\"ad_id\": 01}\n]", as: .metaInsights)
    #expect(error.rows.map(\.line) == [2])
  }

  @Test("A mapping of anything but clicks is refused")
  func mapping() async throws {
    let test = try await TestSystem()
    let error = try await test.refusal(of: Self.page(), as: .metaInsights) {
      $0.mapping = try ColumnMapping(["spend=cost"])
    }
    #expect(error.fileRule?.contains("only clicks can be mapped") == true)
  }

  @Test("Bad rows can be set aside as JSON lines")
  func rejects() async throws {
    let test = try await TestSystem()
    let report = try await test.importText(
      Self.page(Self.row("1", "2026-05-01"), #"{"ad_id": "2"}"#), as: .metaInsights
    ) { $0.skipsBadRows = true }
    #expect(report.rows == 1)
    #expect(report.rejectedRows == 1)
    let path = try #require(report.rejects)
    #expect(path == test.path("file.json.rejects.jsonl"))
    let reject = try JSONLines.read(path)
    #expect(reject.count == 1)
    #expect(try reject.first?.text("row") == #"{"ad_id": "2"}"#)
    #expect(try reject.first?.text("problem").contains("column date_start is 'missing': is required") == true)
  }
}
