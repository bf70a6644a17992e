import Accounts
import App
import AppTestKit
import DecisionEngine
import Measurement
import Storage
import TestKit
import Testing
import Values

@Suite("What an ad platform reports again and again")
struct PlatformReportTests {
  private static let start = CalendarDay(daysSinceEpoch: 20_454)

  /// What a platform that restates says of an ad's day `age` days later: it settles after 28 days.
  private static func day(_ ad: AdID, _ day: CalendarDay, age: Int) -> DailyMetrics {
    let settled = min(age, 28)
    var figures = DailyMetrics(
      adID: ad, day: day, impressions: 1_000 + settled, clicks: 40 + settled / 7,
      spend: Money(micros: Int64(10_000_000 + settled * 10_000)))
    figures.leads = settled / 10
    return figures
  }

  /// A year in which each day is synced `syncs` times: what was known of each day at each evening, and how many rows each
  /// table has.
  private static func year(syncs: Int) async throws -> (known: [String], rows: [String: Int]) {
    let test = try await TestSystem(at: Instant(startOf: start))
    let ads = try ["10", "11"].map { try #require(AdID($0)) }
    var known: [String] = []
    for dayNumber in 0..<365 {
      for sync in 1...syncs {
        test.clock.set(
          to: Instant(startOf: start.adding(days: dayNumber)).adding(seconds: Int64(86_399 * sync / syncs)))
        let days = (max(0, dayNumber - 28)...dayNumber).flatMap { number in
          ads.map { day($0, start.adding(days: number), age: dayNumber - number) }
        }
        try await test.system.ads.take(days, from: "Meta", of: test.account)
      }
      guard dayNumber.isMultiple(of: 30) else { continue }
      let states = try await test.states(asOf: "\(start.adding(days: max(0, dayNumber - 10)))")
      known.append("\(states.mapValues { "\($0.spend) \($0.impressions)" }.sorted { $0.key < $1.key })")
      while try await test.system.ads.removeImports(limit: 10_000) > 0 {}
    }
    while try await test.system.ads.removeImports(limit: 10_000) > 0 {}
    return (known, try await test.rowCounts())
  }

  @Test("a year of syncs keeps one state for each ad, day and evening, however many there were in a day")
  func year() async throws {
    async let often = Self.year(syncs: 3)
    async let daily = Self.year(syncs: 1)
    let (many, few) = try await (often, daily)
    #expect(many.known == few.known)
    for (table, rows) in few.rows where table != "imports" {
      #expect(many.rows[table] == rows, "\(table)")
    }
    #expect(try #require(many.rows["ad_daily_metrics"]) == 2 * 365)
    // A state for each of the 28 evenings after its own, but of the last days, which had fewer evenings.
    #expect(try #require(many.rows["restated_days"]) <= 2 * 365 * 28)
    #expect(try #require(many.rows["imports"]) <= 10_000)
  }

  @Test("what is reported as it is stored is not written again, and no import is counted")
  func unchanged() async throws {
    let test = try await TestSystem(at: Instant(startOf: Self.start.adding(days: 3)))
    let ad = try #require(AdID("10"))
    let days = (0...2).map { Self.day(ad, Self.start.adding(days: $0), age: 2 - $0) }
    #expect(try await test.system.ads.take(days, from: "Meta", of: test.account) == 3)
    let rows = try await test.dump()
    #expect(try await test.system.ads.take(days, from: "Meta", of: test.account) == 0)
    #expect(try await test.dump() == rows)
  }

  @Test("many rows are written in several transactions, whole ads in each")
  func large() async throws {
    let test = try await TestSystem(at: Instant(startOf: Self.start.adding(days: 28)))
    let ads = try (1...400).map { try #require(AdID("\($0)")) }
    let days = ads.flatMap { ad in (0..<28).map { Self.day(ad, Self.start.adding(days: $0), age: 28 - $0) } }
    #expect(try await test.system.ads.take(days.shuffled(), from: "Meta", of: test.account) == 11_200)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM imports") == 3)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM ad_states WHERE impressions > 28000") == 400)
  }
}
