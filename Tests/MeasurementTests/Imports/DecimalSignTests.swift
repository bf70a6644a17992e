import AppTestKit
import Measurement
import Testing
import Values

/// What stands before a number's decimals is decided by the file, never by one cell.
struct DecimalSignTests {
  /// A file with one row for each of `spend`, with its cells quoted where commas separate them.
  private static func file(_ separator: String, _ spend: [String], impressions: String = "1000") -> String {
    let quote = separator == "," ? "\"" : ""
    let cells = spend.enumerated().map { day, spend in
      ["2026-10-0\(day + 1)", "7", impressions, "10", spend].map { quote + $0 + quote }.joined(separator: separator)
    }
    return (["date,ad_id,impressions,clicks,spend".replacing(",", with: separator)] + cells).joined(separator: "\n")
  }

  static let readings: [(separator: String, spend: [String], impressions: String, sum: String)] = [
    (";", ["0,125", "0,500"], "1000", "0.625"), (";", ["1,234"], "1000", "1.234"),
    (";", ["12,34", "1.234"], "1000", "1246.34"), (";", ["1.234", "12,34"], "1000", "1246.34"),
    (";", ["1.234,56"], "1000", "1234.56"), (";", ["1,234"], "1,000", "1234"), (";", ["1.234"], "1.000", "1234"),
    (";", ["1 234,5", "12,25"], "1000", "1246.75"), (";", ["1\u{202F}234,5"], "1000", "1234.5"),
    (";", ["1'234.50"], "1000", "1234.5"), (",", ["1,234.56", "1,234"], "1000", "2468.56"),
    (",", ["1,234", "0.5"], "1000", "1234.5"), (",", ["1,234"], "12,345", "1234"), (",", ["1.234"], "1000", "1.234"),
    (",", ["12,34"], "1000", "12.34"), (",", ["1,234,567"], "1000", "1234567"),
    (",", ["12,34,567.5"], "1000", "1234567.5"),
    ("\t", ["1.234", "1,5"], "1000", "1235.5"), (",", ["000,123"], "1000", "0.123"),
    (",", [".5", "144."], "1000", "144.5"),
    (",", ["1000", "2"], "1000", "1002"),
  ]

  @Test("A file shows what its numbers mean", arguments: 0..<readings.count)
  func reading(_ index: Int) async throws {
    let reading = Self.readings[index]
    let test = try await TestSystem(at: .december2026)
    let report = try await test.importText(
      Self.file(reading.separator, reading.spend, impressions: reading.impressions), as: .adsCSV)
    #expect(report.spend == Money(decimal: reading.sum), "\(reading)")
    #expect(report.rows == reading.spend.count)
  }

  @Test(
    "A file that shows nothing is refused, with the ways out",
    arguments: [
      (",", "1,234", "1234.00 or 1.234"), (";", "1.234", "1.234 or 1234.00"), ("\t", "1.234", "1.234 or 1234.00"),
    ])
  func doubt(_ separator: String, _ spend: String, _ readings: String) async throws {
    let test = try await TestSystem(at: .december2026)
    let error = try await test.refusal(of: Self.file(separator, ["7", spend]), as: .adsCSV)
    #expect(
      error.description.hasSuffix(
        "file.csv:3: column spend is '\(spend)', which may be \(readings), and no other number of the file shows which: "
          + "say --decimal point or --decimal comma"))
    let point = try await test.importText(Self.file(separator, [spend]), as: .adsCSV) { $0.decimalSign = .point }
    let comma = try await test.importText(Self.file(separator, [spend]), as: .adsCSV) { $0.decimalSign = .comma }
    #expect([point.spend, comma.spend].map(\.description).joined(separator: " or ") == readings)
  }

  @Test("A number that contradicts those before it refuses the file, also where bad rows are set aside")
  func contradiction() async throws {
    let test = try await TestSystem(at: .december2026)
    let error = try await test.refusal(of: Self.file(",", ["12.34", "1,5"]), as: .adsCSV) { $0.skipsBadRows = true }
    #expect(
      error.description.contains(
        ":3: column spend is '1,5', but numbers before it are written with a decimal point: correct the file"))
  }

  @Test("With a sign that was given, a number written otherwise is a bad row")
  func given() async throws {
    let test = try await TestSystem(at: .december2026)
    let error = try await test.refusal(of: Self.file(",", ["12.34", "1,5"]), as: .adsCSV) { $0.decimalSign = .point }
    #expect(error.rows.map(\.value) == ["1,5"])
  }

  @Test("Rows that wait for a sign keep their order and their lines")
  func order() async throws {
    let test = try await TestSystem(at: .december2026)
    let error = try await test.refusal(of: Self.file(",", ["1,234", "x", "1,500", "y", "0.5"]), as: .adsCSV)
    #expect(error.rows.map(\.line) == [3, 5])
  }

  @Test("A mean of few views shows the sign before decimals")
  func frequency() async throws {
    let test = try await TestSystem(at: .december2026)
    let report = try await test.importText(
      "date\tad_id\timpressions\tclicks\tspend\tfrequency\n2026-10-01\t7\t1000\t10\t1,234\t1,125\n", as: .adsCSV)
    #expect(report.spend == Money(decimal: "1.234"))
    #expect(
      try await test.dump(leavingOut: ["ad_daily_metrics.known_at"])["ad_daily_metrics"] == [
        "'acme' '7' '2026-10-01' 1000 10 1234000 NULL 1.125 NULL NULL NULL 1"
      ])
  }
}
