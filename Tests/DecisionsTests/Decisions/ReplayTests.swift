import Accounts
import App
import AppTestKit
import DecisionEngine
import Decisions
import Formats
import Measurement
import Storage
import TestKit
import Testing
import Values
import Web

/// A stored decision can be made again, to the bit, from what was stored of it.
struct ReplayTests {
  private static let header = "ad_id,date,impressions,clicks,spend,pipeline_value,cash_revenue\n"

  /// Forty ads of all ages and sizes, drawn from a seed.
  private func systemWithAds(
    seed: UInt64, currency: String = "USD", timezone: String = "UTC"
  ) async throws -> TestSystem {
    let test = try await TestSystem(currency: currency, timezone: timezone)
    var random = RandomStream(seed: seed)
    var text = Self.header
    for ad in 0..<40 {
      let impressions = Int.random(in: 0...200_000, using: &random)
      let clicks = Int.random(in: 0...max(impressions / 10, 0), using: &random)
      let day = CalendarDay(daysSinceEpoch: 20_600 - Int.random(in: 0...30, using: &random))
      let amounts = (0..<3).map { _ in Money(micros: Int64.random(in: 0...2_000_000_000, using: &random)) }
      text += "ad-\(ad),\(day),\(impressions),\(clicks),\(amounts[0]),\(amounts[1]),\(amounts[2])\n"
      text += "ad-\(ad),2026-05-28,1,0,0,0,0\n"
    }
    try await test.importText(text, as: .adsCSV)
    return test
  }

  @Test("Many seeds, with and without DNA scores and change limits, replay identically", arguments: 0..<20)
  func seeds(_ number: UInt64) async throws {
    let test = try await systemWithAds(seed: number)
    var random = RandomStream(seed: number, name: "order")
    for _ in 0..<5 {
      let decided = try await test.decide("\(Int.random(in: 40...100_000, using: &random)).5") { order in
        order.seed = random.next() % SelectionInputs.seedLimit
        order.limitsChange = Bool.random(using: &random)
        for ad in 0..<40 where Bool.random(using: &random) {
          order.dnaScores[try #require(AdID("ad-\(ad)"))] = random.nextUniform()
        }
      }
      test.clock.advance(seconds: 977)
      let replay = try await test.system.decisions.replay(decided.id)
      #expect(replay.isIdentical)
      #expect(try await test.system.decisions.stored(decided.id).result == replay.result)
      #expect(replay.stored.seed == decided.selection.seed)
    }
  }

  static let configurations = [
    #"{"mode": "direct", "kill_roas_threshold": 0.25, "scale_roas_threshold": 1.75}"#,
    #"{"blending_curve": "0:1,12.5:0.75,72:0.3,240:0.05"}"#, #"{"blending_curve": "fast"}"#,
    #"{"blending_curve": "slow", "max_daily_change": 0.2}"#,
    #"{"ignorance_zone_days": 30, "ignorance_zone_spend": 1234.567891, "min_spend_for_kill": 0.000001}"#,
    #"{"aov": 1000000000, "max_daily_change": 10, "winner_ctr_threshold": 0.123456789012345}"#,
  ]

  @Test("Every configuration replays identically, even after it was changed", arguments: configurations)
  func configuration(_ json: String) async throws {
    let test = try await systemWithAds(seed: 3)
    try await test.configure(json)
    let decided = try await test.decide("2500")
    try await test.configure(#"{"mode": "pipeline", "blending_curve": "standard", "max_daily_change": 0.5, "aov": 1}"#)
    #expect(try await test.system.decisions.replay(decided.id).isIdentical)
    #expect(try await test.system.decisions.stored(decided.id).record.configurationVersion == 2)
  }

  @Test(
    "Currencies and time zones replay identically", arguments: [("USD", "America/New_York"), ("JPY", "Asia/Tokyo")])
  func currencies(_ currency: String, _ timezone: String) async throws {
    let test = try await systemWithAds(seed: 4, currency: currency, timezone: timezone)
    let decided = try await test.decide("25000") { $0.limitsChange = false }
    let unit: Int64 = currency == "JPY" ? 1 : 100
    #expect(decided.selection.allocatedBudget == 25_000 * unit)
    #expect(decided.selection.budgets.allSatisfy { $0.budget >= unit })
    #expect(try await test.system.decisions.replay(decided.id).isIdentical)
  }

  @Test("A yen budget has no decimals")
  func yenDecimals() async throws {
    let test = try await systemWithAds(seed: 4, currency: "JPY")
    let error = await #expect(throws: DecisionError.self) { _ = try await test.decide("25000.5") }
    #expect(error?.apiError.details.map(\.field) == ["total_budget"])
    #expect(try await test.rowCounts()["decisions"] == 0)
  }

  @Test("Totals beyond what one request may hold replay identically")
  func largeTotals() async throws {
    let test = try await TestSystem(currency: "IDR")
    var text = Self.header
    for day in 1...9 { text += "1,0001-01-0\(day),1000000000000,5,1000000000,1000000000,1000000000\n" }
    try await test.importText(text + "2,2026-05-27,1,1,1,1,1\n", as: .adsCSV)
    _ = try await test.system.ads.setDelivery(
      .active, of: [#require(AdID("1"))], account: test.account, by: .system)
    let decided = try await test.decide("100000") { $0.limitsChange = false }
    guard case .battleHardened(let selection) = decided.selection else {
      Issue.record("another policy decided")
      return
    }
    #expect(selection.recommendations.first?.ad.pipelineValue == 9e9)
    #expect(try await test.system.decisions.replay(decided.id).isIdentical)
  }

  @Test(
    "A replay tells that what was stored was changed",
    arguments: [
      "UPDATE decisions SET result = replace(result, '\"seed\":7', '\"seed\":8')",
      "UPDATE decisions SET inputs = replace(inputs, '\"seed\":7', '\"seed\":8')",
      "UPDATE decisions SET configuration = replace(configuration, 'standard', 'slow')",
      "UPDATE decisions SET result = replace(result, '\"allocated_budget\":2500', '\"allocated_budget\":2501')",
    ])
  func tampered(_ sql: String) async throws {
    let test = try await systemWithAds(seed: 5)
    let decided = try await test.decide("2500") { order in
      order.seed = 7
      order.limitsChange = false
    }
    #expect(try await test.system.decisions.replay(decided.id).isIdentical)
    let before = try await test.dump()
    try await test.system.database.write { _ = try $0.execute(SQL(stringLiteral: sql)) }
    try #require(try await test.dump() != before)
    #expect(try await test.system.decisions.replay(decided.id).isIdentical == false)
  }

  @Test(
    "A stored seed that cannot be is an error, not a crash",
    arguments: [
      "UPDATE decisions SET seed = -1", "UPDATE decisions SET inputs = replace(inputs, '\"seed\":7', '\"seed\":-7')",
    ])
  func impossibleSeed(_ sql: String) async throws {
    let test = try await systemWithAds(seed: 5)
    let decided = try await test.decide("2500") { $0.seed = 7 }
    #expect(try await test.system.database.write { try $0.execute(SQL(stringLiteral: sql)) } == 1)
    let error = await #expect(throws: UnreadableRow.self) { try await test.system.decisions.replay(decided.id) }
    #expect(error?.key == "account_id=acme decision_id=\(decided.id.token)")
  }

  @Test("A decision that is not there is 404", arguments: ["acme:0000000000000000", "nobody:0000000000000000"])
  func unknown(_ text: String) async throws {
    let test = try await TestSystem()
    let id = try #require(DecisionID(text))
    await #expect(throws: DecisionError.unknown(id)) { try await test.system.decisions.stored(id) }
    await #expect(throws: DecisionError.unknown(id)) { try await test.system.decisions.replay(id) }
    #expect(DecisionError.unknown(id).apiError == .notFound("decision \(id)"))
  }

  @Test("Text that is no decision's id", arguments: ["", "acme", ":x", "acme:", "a b:x", "acme:x:y"])
  func badID(_ text: String) {
    #expect(DecisionID(text) == nil)
  }

  @Test("A decision without ads is refused, and nothing is stored")
  func withoutAds() async throws {
    let test = try await TestSystem()
    await #expect(throws: AdError.noAds) { _ = try await test.decide("100") }
    #expect(AdError.noAds.apiError.status == .unprocessableContent)
    #expect(try await test.rowCounts()["decisions"] == 0)
  }
}
