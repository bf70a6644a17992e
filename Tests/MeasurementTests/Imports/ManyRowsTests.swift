import App
import AppTestKit
import DecisionEngine
import Foundation
import Measurement
import Storage
import Testing
import Values

/// Files of more rows than are taken in at once.
struct ManyRowsTests {
  private static let header = "ad_id,date,impressions,clicks,spend\n"
  private static let rows = 700

  /// A row of its own ad for each line from 2 on, unless `changed` says another for it.
  private static func text(_ changed: [Int: String] = [:]) -> String {
    header + (2..<2 + rows).map { changed[$0] ?? row($0) }.joined()
  }

  private static func row(_ line: Int, impressions: Int = 100) -> String {
    "ad\(line),2026-05-01,\(impressions),10,1.25\n"
  }

  /// Twice the same ad and day in one batch, and far apart; between them rows that cannot be read.
  private static let bad = [
    3: row(2), 100: "ad100,yesterday,1,1,1\n", 255: row(2), 256: "ad256,2026-05-01,1,1,-1\n", 257: row(9), 600: row(2),
    601: row(599), 602: "ad602,2026-05-01,x,1,1\n", 701: row(700),
  ]

  @Test("All rows are taken in")
  func all() async throws {
    let test = try await TestSystem()
    let report = try await test.importText(Self.text(), as: .adsCSV)
    #expect(report.rows == Self.rows)
    #expect(report.ads == Self.rows)
    #expect(report.spend == Money(decimal: "875"))
    #expect(try await test.number("SELECT COUNT(*) AS value FROM ad_daily_metrics") == Self.rows)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM ad_states WHERE impressions = 100") == Self.rows)
  }

  @Test("Bad rows are told in the file's order, whatever is wrong with them")
  func order() async throws {
    let test = try await TestSystem()
    let error = try await test.refusal(of: Self.text(Self.bad), as: .adsCSV)
    #expect(error.rows.map(\.line) == Self.bad.keys.sorted())
  }

  @Test("Bad rows are set aside in the file's order, and the others are taken in")
  func setAside() async throws {
    let test = try await TestSystem()
    let report = try await test.importText(Self.text(Self.bad), as: .adsCSV) { $0.skipsBadRows = true }
    #expect(report.rejectedRows == Self.bad.count)
    #expect(report.rows == Self.rows - Self.bad.count)
    let rejects = try String(contentsOfFile: #require(report.rejects), encoding: .utf8)
    let refused = rejects.split(separator: "\n").dropFirst().map { $0.prefix { $0 != "," } }
    let wanted = Self.bad.sorted { $0.key < $1.key }.map { $0.value.prefix { $0 != "," } }
    #expect(refused == wanted)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM ad_daily_metrics") == report.rows)
  }

  @Test("A second row of a day is no restatement of it")
  func noRestatement() async throws {
    let test = try await TestSystem()
    try await test.importText(Self.header + Self.row(2) + Self.row(3), as: .adsCSV)
    let again = Self.row(2) + Self.row(2, impressions: 50) + Self.row(3, impressions: 70) + Self.row(3, impressions: 60)
    let report = try await test.importText(Self.header + again, as: .adsCSV) { $0.skipsBadRows = true }
    #expect(report.rows == 2)
    #expect(report.rejectedRows == 2)
    #expect(
      try await test.dump()["restated_days"]?.map { $0.prefix(24) } == ["'acme' 'ad3' '2026-05-01"])
    #expect(try await test.states()["ad3"]?.impressions == 70)
  }

  @Test("An ad's deals are summed in an import about more ads than one query asks for")
  func deals() async throws {
    let test = try await TestSystem()
    let deals =
      "Record ID,Deal Stage,Amount,Create Date,ad_id\n"
      + (2..<302).map { "\($0),closed_won,\($0),2026-05-01,ad\($0)\n" }.joined()
    try await test.importText(deals, as: .hubspotDeals)
    try await test.importText(Self.text(), as: .adsCSV)
    let states = try await test.states()
    #expect((2..<302).allSatisfy { states["ad\($0)"]?.cashRevenue == Double($0) })
    #expect(states["ad302"]?.cashRevenue == 0)
  }
}
