import App
import AppTestKit
import DecisionEngine
import Storage
import TestKit
import Testing
import Values

@testable import Accounts
@testable import Measurement

/// What is kept of days that are restated again and again.
struct KnownFiguresTests {
  /// What a day was stated to be, and when.
  private struct Statement {
    let day: DailyMetrics
    let at: Instant
  }

  /// The impressions of each day as they were known at `moment`, by a history of which nothing was ever left out.
  private static func known(_ statements: [Statement], at moment: Instant) -> [AdDate: Int] {
    Dictionary(grouping: statements) { AdDate($0.day) }.compactMapValues { versions in
      (versions.last { $0.at <= moment } ?? versions.first)?.day.impressions
    }
  }

  private static func stored(_ test: TestSystem, at moment: Instant) async throws -> [AdDate: Int] {
    try await test.system.database.read { transaction in
      var days: [AdDate: Int] = [:]
      try AdStateRepository().forEachDay(
        of: test.account, from: CalendarDay(daysSinceEpoch: 0), to: CalendarDay(daysSinceEpoch: 40_000),
        knownAt: moment, in: transaction
      ) { days[AdDate(adID: $0.adID, date: $0.day)] = $0.impressions }
      return days
    }
  }

  @Test(
    "At each midnight a day counts as it was known then, however often it was restated, in every zone",
    arguments: [("UTC", 1), ("America/New_York", 2), ("Asia/Tokyo", 3), ("Australia/Lord_Howe", 4), ("UTC", 5)]
      as [(String, UInt64)])
  func asOf(_ timezone: String, _ seed: UInt64) async throws {
    // The clocks of three of the zones change within the days that follow.
    let start = try #require(Instant("2026-03-05T00:00:00Z"))
    let test = try await TestSystem(timezone: timezone, at: start)
    let calendar = try #require(AccountCalendar(timezone: timezone))
    var random = SeededRandom(seed: seed)
    var statements: [Statement] = []
    for _ in 0..<220 {
      test.clock.advance(seconds: Int64(random.int(in: 1...20_000)))
      if random.int(in: 0...20) == 0 {
        // Exactly at a midnight.
        let next = calendar.day(of: test.clock.now()).adding(days: 1)
        test.clock.set(to: calendar.start(of: next))
      }
      let day = DailyMetrics(
        adID: try #require(AdID("ad\(random.int(in: 1...2))")),
        day: CalendarDay(daysSinceEpoch: 20_500 + random.int(in: 0...1)), impressions: random.int(in: 100...103),
        clicks: 1, spend: Money(micros: 1_000_000))
      _ = try await test.system.ads.feedback(day, of: test.account)
      statements.append(Statement(day: day, at: test.clock.now()))
    }
    let days = calendar.day(of: test.clock.now()).daysSinceEpoch - calendar.day(of: start).daysSinceEpoch
    for offset in -1...(days + 1) {
      let midnight = calendar.start(of: calendar.day(of: start).adding(days: offset))
      #expect(try await Self.stored(test, at: midnight) == Self.known(statements, at: midnight), "\(midnight)")
    }
    let kept = try await test.number("SELECT COUNT(*) AS value FROM restated_days")
    #expect(kept <= 4 * (days + 2))
  }

  @Test("Figures that are stated again as they were are known since they were first stated")
  func unchanged() async throws {
    let test = try await TestSystem()
    let day = DailyMetrics(
      adID: try #require(AdID("1")), day: CalendarDay(daysSinceEpoch: 20_500), impressions: 7, clicks: 1,
      spend: Money(micros: 1))
    var (first, last) = (day, day)
    first.impressions = 5
    last.leads = 3
    for statement in [first, day, day, last] {
      _ = try await test.system.ads.feedback(statement, of: test.account)
      test.clock.advance(seconds: 86_400)
    }
    let start = test.clock.now().adding(seconds: -4 * 86_400)
    for (days, impressions) in [(0, 5), (1, 7), (2, 7), (3, 7)] {
      let known = try await Self.stored(test, at: start.adding(seconds: Int64(days) * 86_400 + 3_600))
      #expect(known.values.sorted() == [impressions], "\(days)")
    }
  }

  @Test("Breakdowns that begin as a day was known before do not change what was known before")
  func breakdowns() async throws {
    let test = try await TestSystem()
    let header = "ad_id,date,impressions,clicks,spend\n"
    try await test.importText(header + "1,2026-05-01,10,1,1\n", as: .adsCSV)
    let evening = test.clock.now().adding(seconds: 86_400)
    test.clock.advance(seconds: 2 * 86_400)
    try await test.importText(header + "1,2026-05-01,10,1,1\n1,2026-05-01,5,0,0\n", as: .adsCSV) {
      $0.sumsBreakdowns = true
    }
    #expect(try await Self.stored(test, at: evening).values.sorted() == [10])
    #expect(try await Self.stored(test, at: test.clock.now()).values.sorted() == [15])
  }

  @Test("Weeks of a sync every quarter of an hour leave a row for each day and midnight, not one for each sync")
  func sync() async throws {
    let test = try await TestSystem(at: Instant(seconds: 1_780_012_800))
    let calendar = try #require(AccountCalendar(timezone: "UTC"))
    let (account, repository, clock) = (test.account, AdStateRepository(), test.clock)
    let (weeks, window, adCount) = (6, 2, 2)
    for sync in 0..<(weeks * 7 * 96) {
      try await test.system.database.write { transaction in
        let time = FigureTime(clock.now(), calendar)
        let number = try repository.startImport(
          of: account, source: "sync", fileName: "", by: .system, at: time.now, in: transaction)
        var writer = try DailyMetricsWriter(
          account: account, importID: number, at: time, sumsRows: false, in: transaction)
        let today = calendar.day(of: time.now)
        try writer.write(
          (1...adCount).flatMap { ad in
            (0..<window).compactMap { back in
              AdID("ad\(ad)").map {
                DailyMetrics(
                  adID: $0, day: today.adding(days: -back), impressions: 1_000 + sync, clicks: 1,
                  spend: Money(micros: Int64(sync)))
              }
            }
          })
        try writer.finish()
      }
      clock.advance(seconds: 900)
      if sync.isMultiple(of: 96) { _ = try await test.system.ads.removeImports(limit: 10_000) }
    }
    let days = weeks * 7 + window
    // Each day of an ad is restated over `window` days: what was stated first, and what held at each midnight.
    #expect(try await test.number("SELECT COUNT(*) AS value FROM restated_days") <= adCount * days * (window + 1))
    let kept = try await test.number("SELECT COUNT(*) AS value FROM imports")
    // Those of 30 days, and before that only those that a figure comes from.
    #expect(kept <= 31 * 96 + days * (window + 2))
    #expect(kept < weeks * 7 * 96)
  }

  @Test("Imports that no figure comes from go when they are old or many; the latest keeps the numbering")
  func imports() async throws {
    let test = try await TestSystem()
    let header = "ad_id,date,impressions,clicks,spend\n"
    try await test.importText(header + "1,2026-05-01,10,1,1\n", as: .adsCSV)
    for _ in 0..<5 { try await test.importText(header + "2,2026-05-01,10,1,1\n", as: .adsCSV) }
    #expect(try await test.system.ads.removeImports(limit: 100) == 0)
    test.clock.advance(seconds: 31 * 86_400)
    #expect(try await test.system.ads.removeImports(limit: 3) == 3)
    #expect(try await test.system.ads.removeImports(limit: 3) == 1)
    #expect(try await test.dump()["imports"]?.map { $0.prefix(9) } == ["'acme' 1 ", "'acme' 6 "])
    try await test.importText(header + "3,2026-05-01,10,1,1\n", as: .adsCSV)
    let many = try await test.system.database.write { transaction in
      try AdStateRepository().removeImports(
        of: test.account, before: Instant(seconds: 0), keeping: 1, limit: 9, in: transaction)
    }
    #expect(many == 0, "both are where figures come from")
    #expect(try await test.number("SELECT MAX(import_id) AS value FROM imports") == 7)
  }
}
