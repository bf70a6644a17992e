import AppTestKit
import Foundation
import Measurement
import Testing
import Values

/// Rows and files that break rules.
struct AdsCSVRuleTests {
  private static let header =
    "Ad,When,Imp,clicks,Cost,reach,frequency,leads,pipeline_value,cash_revenue,won_deals,date_stop"
  private static let mapping = "ad_id=Ad,date=When,impressions=Imp,spend=Cost"
  private static let good = "1,2026-05-01,100,5,10,,,,,,,"

  static let badRows = [
    BadRow("1,,100,5,10,,,,,,,", column: "When", value: "", rule: "must not be empty"),
    BadRow(
      "\(String(repeating: "x", count: 129)),2026-05-02,100,5,10,,,,,,,", column: "Ad",
      value: String(repeating: "x", count: 129), rule: "must be \(AdID.rule)"),
    BadRow(
      "1,03/04/2026,100,5,10,,,,,,,", column: "When", value: "03/04/2026",
      rule: "must be a date as YYYY-MM-DD; for others say --date-format mdy or dmy"),
    BadRow(
      "1,2026-02-30,100,5,10,,,,,,,", column: "When", value: "2026-02-30",
      rule: "must be a date as YYYY-MM-DD; for others say --date-format mdy or dmy"),
    BadRow(
      "1,2026-05-02,100,5,10,,,,,,,2026-05-08", column: "date_stop", value: "2026-05-08",
      rule: "must be the day the row starts on: export figures by day (breakdown by time: Day)"),
    BadRow("1,2026-05-02,x,5,10,,,,,,,", column: "Imp", value: "x", rule: "must be a whole number"),
    BadRow("1,2026-05-02,1.5,1,10,,,,,,,", column: "Imp", value: "1.5", rule: "must be a whole number"),
    BadRow("1,2026-05-02,-1,0,10,,,,,,,", column: "Imp", value: "-1", rule: "must be 0 to 1000000000000"),
    BadRow(
      "1,2026-05-02,9999999999999,0,10,,,,,,,", column: "Imp", value: "9999999999999",
      rule: "must be 0 to 1000000000000"),
    BadRow(
      "1,2026-05-02,100,5,ten,,,,,,,", column: "Cost", value: "ten",
      rule: "must be a number such as 1234.56, at most 1000000000"),
    BadRow(
      "1,2026-05-02,100,5,NaN,,,,,,,", column: "Cost", value: "NaN",
      rule: "must be a number such as 1234.56, at most 1000000000"),
    BadRow(
      "1,2026-05-02,100,5,1000000000.01,,,,,,,", column: "Cost", value: "1000000000.01",
      rule: "must be a number such as 1234.56, at most 1000000000"),
    BadRow("1,2026-05-02,100,5,-0.01,,,,,,,", column: "Cost", value: "-0.01", rule: "must be 0 or more"),
    BadRow("1,2026-05-02,100,5,10,-1,,,,,,", column: "reach", value: "-1", rule: "must be 0 to 1000000000000"),
    BadRow(
      "1,2026-05-02,100,5,10,,nan,,,,,", column: "frequency", value: "nan", rule: "must be a number, 0 or more"),
    BadRow(
      "1,2026-05-02,100,5,10,,-1,,,,,", column: "frequency", value: "-1", rule: "must be a number, 0 or more"),
    BadRow("1,2026-05-02,100,5,10,,,-1,,,,", column: "leads", value: "-1", rule: "must be 0 to 1000000000000"),
    BadRow(
      "1,2026-05-02,100,5,10,,,,-1,,,", column: "pipeline_value", value: "-1.00", rule: "must be 0 or more"),
    BadRow("1,2026-05-02,100,5,10,,,,,-1,,", column: "cash_revenue", value: "-1.00", rule: "must be 0 or more"),
    BadRow(
      "1,2026-05-02,100,5,10,,,,,,10001,", column: "won_deals", value: "10001", rule: "must be at most 10000"),
    BadRow(
      "1,2026-05-02,100", column: "", value: "",
      rule: "the row has 3 cells, but the header has 12; put cells that hold the separator in quotes"),
    BadRow(
      "1,2026-05-01,100,5,10,,,,,,,", column: "ad_id", value: "1",
      rule: "has another row for 2026-05-01 in this file; add breakdown rows up with --sum-breakdowns"),
  ]

  @Test("A bad row is named with file, line, column, value and rule, and nothing comes in", arguments: badRows)
  func badRow(_ row: BadRow) async throws {
    let test = try await TestSystem()
    let text = "\(Self.header)\n\(Self.good)\n\(row.text)\n"
    let error = try await test.refusal(of: text, as: .adsCSV) { $0.mapping = try ColumnMapping([Self.mapping]) }
    row.expect(error, in: test.path("file.csv"), line: 3)
  }

  @Test("Bad rows can be set aside in a file beside the first, with what is wrong with them")
  func rejects() async throws {
    let test = try await TestSystem()
    let bad = Self.badRows.map(\.text).joined(separator: "\n")
    let report = try await test.importText("\(Self.header)\n\(Self.good)\n\(bad)\n", as: .adsCSV) { options in
      options.mapping = try ColumnMapping([Self.mapping])
      options.skipsBadRows = true
    }
    #expect(report.rows == 1)
    #expect(report.rejectedRows == Self.badRows.count)
    #expect(report.rejects == test.path("file.csv.rejects.csv"))
    let rejects = try String(contentsOfFile: test.path("file.csv.rejects.csv"), encoding: .utf8)
    let lines = rejects.split(whereSeparator: \.isNewline)
    #expect(lines.count == Self.badRows.count + 1)
    #expect(lines.first.map(String.init) == Self.header + ",problem")
    #expect(rejects.contains("1,2026-02-30,100,5,10,,,,,,,,"))
    #expect(!FileManager.default.fileExists(atPath: test.path("file.csv.rejects.csv.part")))
    #expect(try await test.rowCounts()["ad_daily_metrics"] == 1)
  }

  @Test("Without bad rows there is no file of them")
  func noRejects() async throws {
    let test = try await TestSystem()
    let report = try await test.importText("\(Self.header)\n\(Self.good)\n", as: .adsCSV) { options in
      options.mapping = try ColumnMapping([Self.mapping])
      options.skipsBadRows = true
    }
    #expect(report.rejects == nil)
    #expect(!FileManager.default.fileExists(atPath: test.path("file.csv.rejects.csv")))
  }

  @Test("Of many bad rows the first twenty are shown and all are counted")
  func manyBadRows() async throws {
    let test = try await TestSystem()
    let rows = (1...50).map { "\($0),2026-05-01,1,x,3" }.joined(separator: "\n")
    let error = try await test.refusal(of: "ad_id,date,impressions,clicks,spend\n\(rows)\n", as: .adsCSV)
    #expect(error.rows.map(\.line) == Array(2...21))
    #expect(error.description.contains("… and 30 more"))
  }

  @Test(
    "Mappings that fit no field or column are refused with what there is",
    arguments: [
      ("cost=Cost", "--map names cost; the fields are ad_id, ad_name, date"),
      ("spend=Costs", "has no column Costs, which --map gives for spend,; its columns are ad_id, date, impressions"),
    ])
  func unknownMapping(_ mapping: String, _ rule: String) async throws {
    let test = try await TestSystem()
    let error = try await test.refusal(
      of: "ad_id,date,impressions,clicks,Cost\n1,2026-05-01,1,1,1\n", as: .adsCSV
    ) { $0.mapping = try ColumnMapping([mapping]) }
    #expect(error.fileRule?.hasPrefix(rule) == true, "\(error)")
  }

  @Test("Mappings that cannot be read are refused", arguments: ["spend", "spend=A,spend=B"])
  func badMapping(_ mapping: String) throws {
    let error = #expect(throws: ImportError.self) { try ColumnMapping([mapping]) }
    #expect(error?.description.hasPrefix("--map \(mapping): ") == true)
  }

  @Test("A column's name may hold a comma")
  func commaInColumn() async throws {
    let test = try await TestSystem()
    let report = try await test.importText(
      "ad_id,date,impressions,clicks,\"Cost, net\"\n1,2026-05-01,1,1,7\n", as: .adsCSV
    ) { $0.mapping = try ColumnMapping(["spend=Cost, net,clicks=clicks"]) }
    #expect(report.spend == Money(decimal: "7"))
  }

  @Test(
    "A file without a required column is refused with its columns",
    arguments: ["ad_id", "date", "impressions", "clicks", "spend"])
  func missingColumn(_ column: String) async throws {
    let test = try await TestSystem()
    let others = ["ad_id", "date", "impressions", "clicks", "spend"].filter { $0 != column }
    let error = try await test.refusal(of: others.joined(separator: ",") + "\n", as: .adsCSV)
    #expect(
      error.fileRule?.hasPrefix("has no column for \(column); its columns are \(others.joined(separator: ", "))")
        == true)
  }

  @Test(
    "Dates in either order",
    arguments: [
      ("mdy", "3/4/2026", "2026-03-04"), ("dmy", "3/4/2026", "2026-04-03"), ("dmy", "03.04.2026", "2026-04-03"),
      ("mdy", "12-31-2025", "2025-12-31"), ("dmy", "2026-03-04", "2026-03-04"), ("iso", "2026-03-04", "2026-03-04"),
    ])
  func dateOrders(_ order: String, _ date: String, _ day: String) async throws {
    let test = try await TestSystem()
    let order = try #require(DateOrder(rawValue: order))
    try await test.importText("ad_id,date,impressions,clicks,spend\n1,\(date),1,1,1\n", as: .adsCSV) {
      $0.dateOrder = order
    }
    #expect(
      try await test.dump(leavingOut: ["ad_daily_metrics.known_at"])["ad_daily_metrics"]?.first?.contains("'\(day)'")
        == true)
  }

  @Test(
    "Dates that cannot be in the order given are refused",
    arguments: [("mdy", "31/12/2026"), ("dmy", "12/31/2026"), ("mdy", "1/2/26")])
  func badDateOrders(_ order: String, _ date: String) async throws {
    let test = try await TestSystem()
    let dateOrder = try #require(DateOrder(rawValue: order))
    let error = try await test.refusal(
      of: "ad_id,date,impressions,clicks,spend\n1,\(date),1,1,1\n", as: .adsCSV
    ) { $0.dateOrder = dateOrder }
    #expect(error.rows.map(\.value) == [date])
    #expect(error.rows.map(\.rule) == ["must be a date as YYYY-MM-DD, or in the order \(order)"])
  }
}
