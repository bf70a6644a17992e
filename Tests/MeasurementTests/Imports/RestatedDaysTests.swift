import Accounts
import App
import AppTestKit
import DecisionEngine
import Measurement
import Storage
import Testing
import Values

/// What a later file changes of an earlier one, and what rows of the same day in one file mean.
struct RestatedDaysTests {
  private static let header = "ad_id,date,impressions,clicks,spend,reach,frequency,leads,won_deals\n"

  @Test("A restated day replaces what was known of it; other days stay")
  func restated() async throws {
    let test = try await TestSystem()
    try await test.importText(
      Self.header + "1,2026-05-01,100,10,5,80,1.2,4,\n1,2026-05-02,200,20,6,,,,\n", as: .adsCSV)
    try await test.importText(Self.header + "1,2026-05-02,300,9,7.5,,,2,\n", as: .adsCSV)
    #expect(
      try await test.dump(leavingOut: ["ad_daily_metrics.known_at"])["ad_daily_metrics"] == [
        "'acme' '1' '2026-05-01' 100 10 5000000 80 1.2 4 NULL NULL 1",
        "'acme' '1' '2026-05-02' 300 9 7500000 NULL NULL 2 NULL NULL 2",
      ])
    let state = try #require(try await test.states()["1"])
    #expect(state.impressions == 400)
    #expect(state.clicks == 19)
    #expect(state.spend == 12.5)
  }

  @Test("Fewer sales of a day take the surplus deals away; none, all of them", arguments: [5, 3, 1, 0])
  func fewerSales(_ count: Int) async throws {
    let test = try await TestSystem()
    try await test.importText(Self.header + "1,2026-05-01,100,10,5,,,,5\n2,2026-05-01,1,1,1,,,,2\n", as: .adsCSV)
    try await test.importText(Self.header + "1,2026-05-01,100,10,5,,,,\(count)\n", as: .adsCSV)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM deals WHERE ad_id = '1'") == count)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM deal_stage_history") == count + 2)
    #expect(try await test.states()["1"]?.pipelineValue == Double(count) * 15_000)
    #expect(try await test.states()["1"]?.cashRevenue == Double(count) * 15_000)
    #expect(try await test.states()["2"]?.cashRevenue == 30_000)
  }

  @Test("A day restated without a count of sales keeps its sales")
  func noSalesColumn() async throws {
    let test = try await TestSystem()
    try await test.importText(Self.header + "1,2026-05-01,100,10,5,,,,5\n", as: .adsCSV)
    try await test.importText("ad_id,date,impressions,clicks,spend\n1,2026-05-01,100,10,5\n", as: .adsCSV)
    #expect(try await test.states()["1"]?.cashRevenue == 75_000)
  }

  @Test("Sales are worth the account's average order value")
  func orderValue() async throws {
    let test = try await TestSystem()
    try await test.configure(#"{"aov": "99.5"}"#)
    try await test.importText(Self.header + "1,2026-05-01,100,10,5,,,,3\n", as: .adsCSV)
    #expect(try await test.states()["1"]?.cashRevenue == 298.5)
    #expect(try await test.states()["1"]?.pipelineValue == 298.5)
  }

  @Test("Rows of breakdowns are refused, and summed where that is asked for")
  func breakdowns() async throws {
    let test = try await TestSystem()
    let text =
      Self.header
      + "1,2026-05-01,100,10,5.25,80,1.2,,2\n1,2026-05-01,50,1,0.75,40,1.3,3,1\n1,2026-05-02,7,1,1,7,1,1,\n"
      + "1,2026-05-01,50,1,1,,,4,4\n"
    let error = try await test.refusal(of: text, as: .adsCSV)
    #expect(error.rows.map(\.line) == [3, 5])
    for _ in 1...2 {
      let report = try await test.importText(text, as: .adsCSV) { $0.sumsBreakdowns = true }
      #expect(report.rows == 4)
      #expect(report.ads == 1)
      #expect(report.wonDeals == 7)
      let days = try await test.dump(leavingOut: ["ad_daily_metrics.import_id", "ad_daily_metrics.known_at"])[
        "ad_daily_metrics"]
      #expect(
        days == [
          "'acme' '1' '2026-05-01' 200 12 7000000 NULL NULL 7 NULL NULL",
          "'acme' '1' '2026-05-02' 7 1 1000000 7 1.0 1 NULL NULL",
        ])
      #expect(try await test.number("SELECT COUNT(*) AS value FROM deals") == 7)
      #expect(try await test.states()["1"]?.cashRevenue == 7 * 15_000)
    }
  }

  @Test("Ads of one account are nothing to another")
  func otherAccount() async throws {
    let test = try await TestSystem()
    let other = try #require(AccountID("other"))
    try await test.system.accounts.create(other)
    let path = try test.file("file.csv", (Self.header + "1,2026-05-01,100,10,5,,,,5\n").utf8)
    try await test.importFile(path, as: .adsCSV)
    _ = try await test.system.imports.importFile(path, as: .adsCSV, into: other, ImportOptions()) { _ in }
    try await test.importText(Self.header + "1,2026-05-01,100,10,5,,,,0\n", as: .adsCSV)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM deals WHERE account_id = 'acme'") == 0)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM deals WHERE account_id = 'other'") == 5)
  }
}
