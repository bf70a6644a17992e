import Accounts
import App
import AppTestKit
import DecisionEngine
import Decisions
import Measurement
import Testing
import Values
import Web

/// Policies tried on an account's own past.
struct BacktestTests {
  private static let first = CalendarDay(daysSinceEpoch: 20_600)

  /// Two ads for 20 days; only the first ad's leads are ever won.
  private static func system() async throws -> TestSystem {
    let test = try await TestSystem(at: Instant(startOf: first.adding(days: 25)))
    var ads = "ad_id,date,impressions,clicks,spend,leads\n"
    var deals = "id,dealstage,ad_id,createdate,closedate,amount\n"
    for day in 0..<20 {
      let date = first.adding(days: day)
      for ad in ["good", "bad"] {
        ads += "\(ad),\(date),4000,40,50,2\n"
        for number in 0..<2 {
          let stage = ad == "good" ? "closed_won" : "closed_lost"
          deals += "\(ad)-\(day)-\(number),\(stage),\(ad),\(date)T08:00:00Z,\(date)T20:00:00Z,500\n"
        }
      }
    }
    try await test.importText(ads, as: .adsCSV)
    try await test.importText(deals, as: .hubspotDeals)
    return test
  }

  @Test("A policy that sees which ad sells is estimated to earn more than what was done")
  func gains() async throws {
    let test = try await Self.system()
    let backtest = try await test.system.backtests.run(
      test.account, from: Self.first.adding(days: 5), to: Self.first.adding(days: 19), seed: 1
    ) { _ in }
    #expect(backtest.days.count == 15)
    let rows = Dictionary(uniqueKeysWithValues: backtest.rows.map { ($0.policy, $0) })
    let lagAware = try #require(rows[.lagAware])
    #expect(abs(try #require(rows[.asSpent]).returnPerUnit - 10) < 1e-9)
    #expect(abs(try #require(rows[.evenSplit]).gain) < 1e-9)
    #expect(lagAware.gain > 0.2)
    #expect(lagAware.gainRange.contains(lagAware.gain))
    #expect(lagAware.coverage == 1)
    for day in backtest.days {
      #expect(abs(try #require(day.proposals[.lagAware]).values.reduce(0, +) - 100) < 1e-6)
    }
  }

  @Test("A day is decided from what was known the evening before")
  func asKnownThen() async throws {
    let test = try await Self.system()
    let day = Self.first.adding(days: 6)
    let configuration = try await test.system.accounts.configuration(of: test.account)
    let before = try await test.system.ads.history(of: test.account, configuration: configuration, asOf: day)
    try await test.importText(
      "ad_id,date,impressions,clicks,spend,leads\ngood,\(day),9000,90,70,5\n", as: .adsCSV)
    let after = try await test.system.ads.history(of: test.account, configuration: configuration, asOf: day)
    let good = try #require(AdID("good"))
    // The restatement came later than the day that is looked back on.
    #expect(after == before)
    let now = try await test.system.ads.history(of: test.account, configuration: configuration, asOf: nil)
    #expect(now?.ads[good]?.days.first { $0.day == day.daysSinceEpoch }?.clicks == 90)
    #expect(before?.ads[good]?.days.last?.day == day.daysSinceEpoch)
  }

  @Test("Days without spend, and ranges that cannot be, are refused")
  func refusals() async throws {
    let test = try await Self.system()
    for (from, to, field) in [(200, 210, "from"), (10, 5, "to"), (0, 400, "to")] {
      let error = await #expect(throws: BacktestError.self) {
        _ = try await test.system.backtests.run(
          test.account, from: Self.first.adding(days: from), to: Self.first.adding(days: to), seed: 1
        ) { _ in }
      }
      #expect(error?.description.hasPrefix("\(field) is ") == true)
    }
  }
}
