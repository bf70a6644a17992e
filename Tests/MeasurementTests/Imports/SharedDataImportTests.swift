import AppTestKit
import DecisionEngine
import Decisions
import Foundation
import Measurement
import Storage
import TestKit
import Testing
import Values
import Web

/// Files that nobody on this project wrote, and their known totals.
@Suite(.needsSharedData)
struct SharedDataImportTests {
  private static let kagColumns =
    "impressions=Impressions,clicks=Clicks,spend=Spent,won_deals=Approved_Conversion,leads=Total_Conversion"

  private func withKAG(_ test: TestSystem) async throws -> ImportReport {
    let file = try #require(SharedData.file("data/meta/kag_2017_dated_clean.csv"))
    return try await test.importFile(file.path, as: .adsCSV) { options in
      options.mapping = try ColumnMapping([Self.kagColumns])
    }
  }

  @Test("A year's ads come in with their totals to the cent")
  func totals() async throws {
    let test = try await TestSystem()
    let report = try await withKAG(test)
    #expect(report.rows == 1_143)
    #expect(report.ads == 1_143)
    #expect(report.impressions == 213_434_828)
    #expect(report.clicks == 38_165)
    #expect((report.spend.micros + 5_000) / 10_000 == 5_870_523)
    #expect(report.wonDeals == 1_079)
    #expect(try await test.number("SELECT SUM(leads) AS value FROM ad_daily_metrics") == 3_264)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM deals WHERE stage = 'closed_won'") == 1_079)
    #expect(
      try await test.number("SELECT SUM(deal_cash_revenue) AS value FROM ad_states") == 1_079 * 15_000_000_000)
    #expect(
      try await test.number("SELECT SUM(deal_pipeline_value) AS value FROM ad_states") == 1_079 * 15_000_000_000)
  }

  @Test("A second import changes nothing but the list of imports")
  func secondImport() async throws {
    let test = try await TestSystem()
    let first = try await withKAG(test)
    let leavingOut: Set = ["imports", "ad_daily_metrics.import_id"]
    let before = try await test.dump(leavingOut: leavingOut)
    test.clock.advance(seconds: 86_400)
    #expect(try await withKAG(test) == first)
    #expect(try await test.dump(leavingOut: leavingOut) == before)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM imports") == 2)
  }

  @Test("Ads that ended years ago get no budget: today's decision is refused, and one of then is about what ran then")
  func decision() async throws {
    let test = try await TestSystem()
    _ = try await withKAG(test)
    for policy in Policy.allCases {
      let error = await #expect(throws: AdError.self) { _ = try await test.decide("10000") { $0.policy = policy } }
      #expect(error?.code == "figures_too_old")
      #expect(error?.description.contains("--date 2017-08-30") == true)
    }
    let decided = try await test.decide("10000") { order in
      order.day = CalendarDay("2017-08-31")
      order.limitsChange = false
      order.seed = 7
    }
    #expect(decided.basis?.figuresAsOf == CalendarDay("2017-08-30"))
    #expect(decided.basis?.leftOut.count == 668)
    #expect(
      decided.basis?.note
        == "668 ads are left out: 668 ended with nothing delivered in the last 7 days of figures")
    #expect(decided.selection.budgets.count == 475)
    #expect(decided.selection.allocatedBudget == 1_000_000)
    #expect(decided.selection.shortfall == nil)
    #expect(decided.selection.budgets.allSatisfy { $0.budget >= 100 })
  }

  @Test("A total under the least budgets is refused with the least that would do")
  func tooSmall() async throws {
    let test = try await TestSystem()
    _ = try await withKAG(test)
    let before = try await test.dump()
    let error = await #expect(throws: DecisionError.self) {
      _ = try await test.decide("400") { $0.day = CalendarDay("2017-08-31") }
    }
    #expect(error?.apiError.status == .unprocessableContent)
    #expect(error?.apiError.details.map(\.field) == ["total_budget"])
    #expect(error?.description.contains("475.00 USD") == true)
    #expect(try await test.dump() == before)
  }

  @Test("Daily rows of campaigns come in as ads")
  func campaigns() async throws {
    let test = try await TestSystem()
    let file = try #require(SharedData.file("data/meta/facebook_ads_daily_by_campaign.csv"))
    let report = try await test.importFile(file.path, as: .adsCSV) { options in
      options.mapping = try ColumnMapping([
        "ad_id=campaign_name,date=ad_date,impressions=total_impressions", "clicks=total_clicks,spend=total_spend",
        "cash_revenue=total_value",
      ])
    }
    #expect(report.rows == 1_494)
    #expect(report.ads == 11)
    #expect(report.impressions == 51_080_132)
    #expect(report.clicks == 476_348)
    #expect(report.spend == Money(decimal: "195767.73"))
    let revenue = try await test.number("SELECT SUM(reported_cash_revenue) AS value FROM ad_states")
    #expect(revenue == 247_193_430_000)
    let states = try await test.states()
    #expect(states.count == 11)
    #expect(states["Expansion"] != nil)
  }

  @Test("The rows that a warehouse landed come in without a mapping")
  func warehouse() async throws {
    let test = try await TestSystem()
    let file = try #require(SharedData.file("data/meta/facebook_ads_basic_ad_data.csv"))
    let report = try await test.importFile(file.path, as: .adsCSV)
    #expect(report.rows == 10)
    #expect(report.ads == 4)
    #expect(report.impressions == 37_275)
    #expect(report.clicks == 149)
    #expect(report.spend == Money(decimal: "643.63"))
  }

  @Test("A sales pipeline of 8,800 rows comes in, the 500 without an engage date at the moment of the import")
  func pipeline() async throws {
    let test = try await TestSystem()
    let file = try #require(SharedData.file("data/crm/sales_pipeline.csv"))
    func importPipeline() async throws -> ImportReport {
      try await test.importFile(file.path, as: .hubspotDeals) { options in
        options.dateOrder = .monthFirst
        options.stages = [
          "Won": "closed_won", "Lost": "closed_lost", "Engaging": "appointment_scheduled", "Prospecting": "lead",
        ]
      }
    }
    let report = try await importPipeline()
    #expect(report.rows == 8_800)
    #expect(report.unattributedDeals == 8_800)
    #expect(report.ads == 0)
    let won: SQL = "FROM deals WHERE stage = 'closed_won'"
    #expect(try await test.number("SELECT COUNT(*) AS value \(won)") == 4_238)
    #expect(try await test.number("SELECT SUM(amount) AS value \(won)") == 10_005_534_000_000)
    let now = test.clock.now()
    let undated: SQL = "SELECT COUNT(*) AS value FROM deals WHERE stage = 'lead' AND stage_entered_at = \(now)"
    #expect(try await test.number(undated) == 500)
    let before = try await test.dump(leavingOut: ["imports"])
    test.clock.advance(seconds: 86_400)
    #expect(try await importPipeline() == report)
    #expect(try await test.dump(leavingOut: ["imports"]) == before)
  }

  @Test("A sales pipeline whose stages nobody named is refused, with the way to name them")
  func pipelineWithoutStages() async throws {
    let test = try await TestSystem()
    let before = try await test.dump()
    let file = try #require(SharedData.file("data/crm/sales_pipeline.csv"))
    let error = await #expect(throws: ImportError.self) {
      try await test.importFile(file.path, as: .hubspotDeals) { $0.dateOrder = .monthFirst }
    }
    let problem = try #require(error?.rows.first)
    #expect(problem.line == 2)
    #expect(problem.column == "deal_stage")
    #expect(problem.value == "Won")
    #expect(problem.rule.contains("--stage 'Won=STAGE'"))
    #expect(try await test.dump() == before)
  }
}
