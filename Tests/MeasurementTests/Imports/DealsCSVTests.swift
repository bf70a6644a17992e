import App
import AppTestKit
import DecisionEngine
import Measurement
import Storage
import Testing
import Values

/// Deals from HubSpot's CSV export, and from other CSVs by a mapping.
struct DealsCSVTests {
  private static let header =
    "Record ID,Deal Name,Deal Stage,Amount,Ad ID,Create Date,Close Date,Date entered current stage,Currency\n"

  private func systemWithAds(_ ids: String...) async throws -> TestSystem {
    let test = try await TestSystem()
    let rows = ids.map { "\($0),2026-05-01,1000,10,100\n" }.joined()
    try await test.importText("ad_id,date,impressions,clicks,spend\n" + rows, as: .adsCSV, name: "ads.csv")
    return test
  }

  @Test("A deal of the export counts for its ad with its stage's value and its own amount once won")
  func export() async throws {
    let test = try await systemWithAds("1", "2")
    let report = try await test.importText(
      Self.header
        + "11,A,Appointment Scheduled,500,1,2026-05-01 09:00,,2026-05-02 10:30,USD\n"
        + "12,B,closedwon,1234.5,1,2026-05-01 09:00,2026-05-03 12:00,,usd\n"
        + "13,C,Closed Lost,99,2,2026-05-01 09:00,2026-05-03 12:00,,\n"
        + "14,D,lead,,,2026-05-01 09:00,,,\n",
      as: .hubspotDeals)
    #expect(report.rows == 4)
    #expect(report.ads == 2)
    #expect(report.unattributedDeals == 1)
    #expect(report.columns.first == "deal_id from 'Record ID'")
    let states = try await test.states()
    #expect(states["1"]?.pipelineValue == 2_250 + 1_234.5)
    #expect(states["1"]?.cashRevenue == 1_234.5)
    #expect(states["2"]?.pipelineValue == 0)
    let moved = try #require(Instant("2026-05-02T10:30:00Z")).microseconds
    let closed = try #require(Instant("2026-05-03T12:00:00Z")).microseconds
    let made = try #require(Instant("2026-05-01T09:00:00Z")).microseconds
    #expect(
      try await test.dump()["deal_stage_history"] == [
        "'acme' '11' \(moved) 'appointment_scheduled' 'hubspot_csv'",
        "'acme' '12' \(closed) 'closed_won' 'hubspot_csv'", "'acme' '13' \(closed) 'closed_lost' 'hubspot_csv'",
        "'acme' '14' \(made) 'lead' 'hubspot_csv'",
      ])
  }

  @Test("Local times are by the account's clocks")
  func localTimes() async throws {
    let test = try await TestSystem(timezone: "America/New_York", at: Instant(seconds: 1_790_000_000))
    try await test.importText(
      "Record ID,Deal Stage,Date entered current stage\n1,lead,2026-07-01 09:00\n2,lead,2026-01-01 09:00\n"
        + "3,lead,2026-07-01T09:00:00Z\n4,lead,1782896400000\n", as: .hubspotDeals)
    let moments = try await test.system.database.read { transaction in
      try transaction.query("SELECT stage_entered_at FROM deals ORDER BY deal_id")
        .map { try $0.get("stage_entered_at", as: Instant.self).description }
    }
    #expect(
      moments == ["2026-07-01T13:00:00Z", "2026-01-01T14:00:00Z", "2026-07-01T09:00:00Z", "2026-07-01T09:00:00Z"])
  }

  @Test("A won deal without an amount is worth its stage's value")
  func withoutAmount() async throws {
    let test = try await systemWithAds("1")
    try await test.importText("id,dealstage,ad_id\n1,closed_won,1\n", as: .hubspotDeals)
    #expect(try await test.states()["1"]?.cashRevenue == 15_000)
  }

  @Test("An unknown stage is refused with the account's stages, and a --stage maps it")
  func stages() async throws {
    let test = try await systemWithAds("1")
    let text = "id,dealstage,ad_id\n1,Contract signed,1\n"
    let error = try await test.refusal(of: text, as: .hubspotDeals)
    let problem = try #require(error.rows.first)
    #expect(problem.line == 2)
    #expect(problem.column == "dealstage")
    #expect(problem.value == "Contract signed")
    #expect(
      problem.rule
        == "must be one of the account's stages (lead, appointment_scheduled, show_up, closed_won, closed_lost); "
        + "say --stage 'Contract signed=STAGE', map it in crm_stages, or add the stage")
    try await test.importText(text, as: .hubspotDeals) { $0.stages = ["Contract signed": "closed_won"] }
    #expect(try await test.states()["1"]?.cashRevenue == 15_000)
  }

  @Test("A --stage that leads to no stage is refused")
  func badStageMapping() async throws {
    let test = try await TestSystem()
    let error = try await test.refusal(of: "id,dealstage\n1,Won\n", as: .hubspotDeals) { $0.stages = ["Won": "sold"] }
    #expect(error.rows.map(\.value) == ["Won"])
  }

  static let badRows = [
    BadRow(",A,lead,,,,,,", column: "Record ID", value: "", rule: "must not be empty"),
    BadRow(
      "\(String(repeating: "x", count: 257)),A,lead,,,,,,", column: "Record ID",
      value: String(repeating: "x", count: 257), rule: "must have at most 256 bytes"),
    BadRow("2,A,,,,,,,", column: "Deal Stage", value: "", rule: "must not be empty"),
    BadRow("2,A,lead,-1,,,,,", column: "Amount", value: "-1.00", rule: "must be 0 or more"),
    BadRow(
      "2,A,lead,much,,,,,", column: "Amount", value: "much",
      rule: "must be a number such as 1234.56, at most 1000000000"),
    BadRow(
      "2,A,lead,,,3/4/2026,,,", column: "Create Date", value: "3/4/2026",
      rule: "must be a date or a time; for dates such as 3/4/2026 say --date-format"),
    BadRow(
      "2,A,lead,,,,soon,,", column: "Close Date", value: "soon",
      rule: "must be a date or a time; for dates such as 3/4/2026 say --date-format"),
    BadRow(
      "2,A,lead,,,,,now,", column: "Date entered current stage", value: "now",
      rule: "must be a date or a time; for dates such as 3/4/2026 say --date-format"),
    BadRow(
      "2,A,lead,5,,,,,EUR", column: "Currency", value: "EUR",
      rule: "is not the account's currency, USD: set currency_rates={\"EUR\": RATE}, or export the amount in the "
        + "company's currency with it"),
    BadRow(
      "2,A,lead,,\(String(repeating: "x", count: 129)),,,,", column: "Ad ID",
      value: String(repeating: "x", count: 129), rule: "must be \(AdID.rule)"),
    BadRow(
      "2,A,lead", column: "", value: "",
      rule: "the row has 3 cells, but the header has 9; put cells that hold the separator in quotes"),
  ]

  @Test("A bad row is named with its place, and nothing comes in", arguments: badRows)
  func badRow(_ row: BadRow) async throws {
    let test = try await TestSystem()
    let error = try await test.refusal(of: Self.header + "1,A,lead,,,,,,\n\(row.text)\n", as: .hubspotDeals)
    row.expect(error, in: test.path("file.csv"), line: 3)
  }

  @Test("Deals that come before their ad's figures count once those are there")
  func dealsFirst() async throws {
    let test = try await TestSystem()
    try await test.importText("id,dealstage,ad_id\n1,closed_won,1\n", as: .hubspotDeals)
    try await test.importText("ad_id,date,impressions,clicks,spend\n1,2026-05-01,1,1,1\n", as: .adsCSV)
    #expect(try await test.states()["1"]?.cashRevenue == 15_000)
  }
}
