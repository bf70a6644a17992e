import App
import AppTestKit
import DecisionEngine
import Measurement
import Storage
import Testing
import Values

/// Deals as HubSpot's CRM v3 API answers with them.
struct DealsJSONTests {
  private func systemWithAds() async throws -> TestSystem {
    let test = try await TestSystem()
    try await test.importText(
      "ad_id,date,impressions,clicks,spend\n1,2026-05-01,1000,10,100\n2,2026-05-01,1000,10,100\n", as: .adsCSV)
    return test
  }

  private func importDeals(
    _ text: String, into test: TestSystem, _ change: (inout ImportOptions) throws -> Void = { _ in }
  ) async throws -> ImportReport {
    try await test.importText(text, as: .hubspotDeals, name: "deals.json", change)
  }

  private static func deal(_ id: String, _ properties: String, _ more: String = "") -> String {
    #"{"id": "\#(id)", "properties": {\#(properties)}\#(more)}"#
  }

  private static let history = """
    , "propertiesWithHistory": {"dealstage": [
      {"value": "closedwon", "timestamp": "2026-05-20T10:00:00.000Z", "sourceType": "CRM_UI"},
      {"value": "appointmentscheduled", "timestamp": "2026-05-10T10:00:00.000Z"},
      {"value": "lead", "timestamp": "2026-05-05T10:00:00.000Z"}]}
    """

  @Test("A history, newest first, becomes the deal's moves in time")
  func history() async throws {
    let test = try await systemWithAds()
    let deal = Self.deal("9", #""dealstage": "closedwon", "amount": "7000", "fb_ad_id": "1""#, Self.history)
    let report = try await importDeals(#"{"results": [\#(deal)], "paging": {}}"#, into: test)
    #expect(report.rows == 1)
    #expect(report.ads == 1)
    #expect(try await test.states()["1"]?.cashRevenue == 7_000)
    let moves = try await test.system.database.read { transaction in
      try transaction.query("SELECT stage, occurred_at FROM deal_stage_history ORDER BY occurred_at").map {
        "\(try $0.get("stage", as: String.self)) \(try $0.get("occurred_at", as: Instant.self))"
      }
    }
    #expect(
      moves == [
        "lead 2026-05-05T10:00:00Z", "appointment_scheduled 2026-05-10T10:00:00Z", "closed_won 2026-05-20T10:00:00Z",
      ])
  }

  @Test("A page, a bare list and lines give the same", arguments: ["{\"results\": [A, B]}", "[A, B]", "A\nB\n"])
  func shapes(_ shape: String) async throws {
    let test = try await systemWithAds()
    let deals = [("A", "1"), ("B", "2")].reduce(shape) { text, deal in
      text.replacing(deal.0, with: Self.deal(deal.1, #""dealstage": "lead", "ad_id": "\#(deal.1)""#))
    }
    #expect(try await importDeals(deals, into: test).rows == 2)
    #expect(try await test.rowCounts()["deals"] == 2)
  }

  @Test("An archived deal is gone, and so is its value; archiving it again or an unknown one changes nothing")
  func archived() async throws {
    let test = try await systemWithAds()
    _ = try await importDeals(Self.deal("9", #""dealstage": "closedwon", "ad_id": "1""#, Self.history), into: test)
    #expect(try await test.states()["1"]?.cashRevenue == 15_000)
    let gone = #"{"id": "9", "archived": true, "properties": {"dealstage": "closedwon", "ad_id": "1"}}"#
    #expect(try await importDeals(gone, into: test).ads == 1)
    #expect(try await test.states()["1"]?.cashRevenue == 0)
    #expect(try await test.rowCounts()["deals"] == 0)
    #expect(try await test.rowCounts()["deal_stage_history"] == 0)
    #expect(try await importDeals(gone, into: test).ads == 0)
  }

  @Test("A deal that moves to another ad takes its value along")
  func anotherAd() async throws {
    let test = try await systemWithAds()
    _ = try await importDeals(Self.deal("9", #""dealstage": "show_up", "ad_id": "1""#), into: test)
    #expect(try await importDeals(Self.deal("9", #""dealstage": "show_up", "ad_id": "2""#), into: test).ads == 2)
    let states = try await test.states()
    #expect(states["1"]?.pipelineValue == 0)
    #expect(states["2"]?.pipelineValue == 9_000)
  }

  @Test("A deal that no longer names its ad stays with it")
  func withoutAd() async throws {
    let test = try await systemWithAds()
    _ = try await importDeals(Self.deal("9", #""dealstage": "lead", "ad_id": "1""#), into: test)
    _ = try await importDeals(Self.deal("9", #""dealstage": "show_up", "ad_id": null"#), into: test)
    #expect(try await test.states()["1"]?.pipelineValue == 9_000)
  }

  @Test("The ad is read from the first property that names one, or from the one that is mapped")
  func adProperties() async throws {
    let test = try await systemWithAds()
    let deal = Self.deal("9", #""dealstage": "show_up", "utm_content": "2", "hsa_ad": "1", "source_ad": "2""#)
    _ = try await importDeals(deal, into: test)
    #expect(try await test.states()["1"]?.pipelineValue == 9_000)
    _ = try await importDeals(deal, into: test) { $0.mapping = try ColumnMapping(["ad_id=source_ad"]) }
    #expect(try await test.states()["2"]?.pipelineValue == 9_000)
  }

  @Test("A deal without a history entered its stage at HubSpot's moment for it")
  func currentStage() async throws {
    let test = try await systemWithAds()
    _ = try await importDeals(
      Self.deal(
        "9",
        #""dealstage": "show_up", "ad_id": "1", "createdate": "2026-05-01T00:00:00Z", "#
          + #""hs_v2_date_entered_current_stage": "2026-05-03T00:00:00Z""#), into: test)
    #expect(try await test.states(asOf: "2026-05-02")["1"]?.pipelineValue == 0)
    #expect(try await test.states(asOf: "2026-05-03")["1"]?.pipelineValue == 9_000)
  }

  static let badDeals = [
    BadRow(#"{"properties": {}}"#, column: "id", value: "missing", rule: "is required"),
    BadRow(#"{"id": "2"}"#, column: "properties", value: "missing", rule: "is required"),
    BadRow(deal("2", ""), column: "dealstage", value: "missing", rule: "is required"),
    BadRow(
      deal("2", #""dealstage": "lead", "amount": "5", "deal_currency_code": "EUR""#), column: "deal_currency_code",
      value: "EUR",
      rule: #"is not the account's currency, USD: set currency_rates={"EUR": RATE}, or export the amount in the "#
        + "company's currency with it"),
    BadRow(
      deal("2", #""dealstage": "lead", "amount": "-5""#), column: "amount", value: "-5",
      rule: "must be a number, 0 or more"),
    BadRow(
      deal("2", #""dealstage": "lead", "createdate": "yesterday""#), column: "createdate", value: "yesterday",
      rule: "must be an instant"),
    BadRow(
      deal(
        "2", "", #", "propertiesWithHistory": {"dealstage": [{"value": "lead", "timestamp": "then"}]}"#),
      column: "dealstage.timestamp", value: "then", rule: "must be an instant"),
    BadRow("7", column: "1", value: "number", rule: "must be an object"),
  ]

  @Test("A bad deal is named with its place, and nothing comes in", arguments: badDeals)
  func badDeal(_ bad: BadRow) async throws {
    let test = try await TestSystem()
    let text = "[" + Self.deal("1", #""dealstage": "lead""#) + ",\n" + bad.text + "]"
    let error = try await test.refusal(of: text, as: .hubspotDeals, name: "deals.json")
    bad.expect(error, in: test.path("deals.json"), line: 2)
  }

  @Test("An unknown stage in a history is refused, and mapped by --stage")
  func unknownStage() async throws {
    let test = try await systemWithAds()
    let deal = Self.deal("9", #""ad_id": "1""#, Self.history.replacing("closedwon", with: "1234567"))
    let error = try await test.refusal(of: deal, as: .hubspotDeals, name: "deals.json")
    #expect(error.rows.map(\.value) == ["1234567"])
    _ = try await importDeals(deal, into: test) { $0.stages = ["1234567": "closed_won"] }
    #expect(try await test.states()["1"]?.cashRevenue == 15_000)
  }
}
