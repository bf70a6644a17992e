import AppTestKit
import Measurement
import Storage
import Testing
import Values

/// Rows that sum up others are told from their parts and never added to them.
struct TotalsTests {
  private static let header =
    "Reporting starts,Reporting ends,Ad name,Ad ID,Amount spent (USD),Impressions,Link clicks\n"
  private static let parts =
    "2026-08-02,2026-08-02,Promo A,101,214.46,63675,1400\n2026-08-02,2026-08-02,Promo B,102,100.00,30000,1000\n"

  @Test(
    "A row that names no ad sums up others, over one day as over many",
    arguments: [
      "2026-08-02,2026-08-02,,,314.46,93675,2400", "2026-08-02,2026-08-09,,,314.46,93675,2400",
      ",,,,314.46,93675,2400", "2026-08-02,2026-08-02,Total,,314.46,93675,2400",
      "2026-08-02,2026-08-02,,Gesamt,314.46,93675,2400", "2026-08-02,2026-08-02,All,--,314.46,93675,2400",
      "2026-08-02,2026-08-02,合計,,314.46,93675,2400",
    ])
  func total(_ row: String) async throws {
    for text in [row + "\n" + Self.parts, Self.parts + row + "\n"] {
      let test = try await TestSystem(at: .december2026)
      let report = try await test.importText(Self.header + text, as: .adsCSV)
      #expect(report.rows == 2)
      #expect(report.totalRows == 1)
      #expect(report.spend == Money(decimal: "314.46"))
      #expect(report.impressions == 93_675)
    }
  }

  @Test("A word for a total is one where ads are known by name only, and an ad's name where they have numbers")
  func totalByName() async throws {
    let test = try await TestSystem(at: .december2026)
    let byName = try await test.importText(
      "Day,Ad name,Amount spent,Impressions,Link clicks\n2026-08-02,Total,5,20,2\n2026-08-02,Hook,5,20,2\n", as: .adsCSV
    )
    #expect(byName.rows == 1)
    #expect(byName.totalRows == 1)
    let byNumber = try await test.importText(
      "Day,Ad ID,Ad name,Amount spent,Impressions,Link clicks\n2026-08-02,7,All,5,20,2\n", as: .adsCSV)
    #expect(byNumber.rows == 1)
    #expect(byNumber.totalRows == 0)
  }

  @Test("A row with a name but no number is a fault, not a total")
  func nameWithoutNumber() async throws {
    let test = try await TestSystem(at: .december2026)
    let error = try await test.refusal(
      of: Self.header + Self.parts + "2026-08-02,2026-08-02,Promo C,,1,1,1\n", as: .adsCSV)
    #expect(error.rows.map(\.column) == ["Ad ID"])
    #expect(error.rows.map(\.rule) == ["must not be empty"])
  }

  @Test("A file of totals alone is refused")
  func totalsAlone() async throws {
    let test = try await TestSystem(at: .december2026)
    let error = try await test.refusal(of: Self.header + "2026-08-02,2026-08-02,,,314.46,93675,2400\n", as: .adsCSV)
    #expect(error.fileRule?.hasPrefix("names an ad in none of its rows") == true)
  }

  private static let broken = "Day,Ad ID,Age,Gender,Impressions,Clicks (all),Amount spent (USD)\n"

  @Test(
    "A row about all parts of a breakdown is left out beside its parts, wherever it stands and in every language",
    arguments: ["All,All", "Alle,Alle", "全部,全部", "25-34,All"])
  func subtotal(_ whole: String) async throws {
    let parts = ["2026-10-01,111,25-34,female,1000,10,150\n", "2026-10-01,111,35-44,female,2000,20,250\n"]
    let all = "2026-10-01,111,\(whole),3000,30,400\n"
    for rows in [[all] + parts, parts + [all], [parts[0], all, parts[1]]] {
      let test = try await TestSystem(at: .december2026)
      let report = try await test.importText(Self.broken + rows.joined(), as: .adsCSV) { $0.sumsBreakdowns = true }
      #expect(report.subtotalRows == 1)
      #expect(report.rows == 2)
      #expect(report.impressions == 3_000)
      #expect(report.spend == Money(decimal: "400"))
      #expect(try await test.number("SELECT SUM(impressions) AS value FROM ad_daily_metrics") == 3_000)
    }
  }

  @Test("Where a column says All in every row, the rows are parts of the other columns")
  func constantColumn() async throws {
    let test = try await TestSystem(at: .december2026)
    let report = try await test.importText(
      Self.broken + "2026-10-01,111,All,female,1000,10,150\n2026-10-01,111,All,male,2000,20,250\n", as: .adsCSV
    ) { $0.sumsBreakdowns = true }
    #expect(report.subtotalRows == 0)
    #expect(report.impressions == 3_000)
  }

  @Test("A row about all parts is kept where the ad has no part that day")
  func wholeWithoutParts() async throws {
    let test = try await TestSystem(at: .december2026)
    let report = try await test.importText(
      Self.broken + "2026-10-01,111,25-34,female,1000,10,150\n2026-10-02,111,All,All,2000,20,250\n", as: .adsCSV)
    #expect(report.subtotalRows == 0)
    #expect(report.rows == 2)
  }

  @Test("Several rows about all parts without a part are refused")
  func wholesWithoutParts() async throws {
    let test = try await TestSystem(at: .december2026)
    let error = try await test.refusal(
      of: Self.broken + "2026-10-01,111,25-34,female,1000,10,150\n2026-10-02,111,All,female,20,2,5\n"
        + "2026-10-02,111,All,All,20,2,5\n", as: .adsCSV
    ) { $0.sumsBreakdowns = true }
    #expect(error.fileRule == "the row may sum up others of ad 111 on 2026-10-02: export the file without subtotals")
  }

  @Test("A row that is the sum of its ad's other rows of the day refuses the file")
  func unnamedSubtotal() async throws {
    let test = try await TestSystem(at: .december2026)
    let error = try await test.refusal(
      of: Self.broken + "2026-10-01,111,,,3000,30,400\n2026-10-01,111,25-34,female,1000,10,150\n"
        + "2026-10-01,111,35-44,female,2000,20,250\n", as: .adsCSV
    ) { $0.sumsBreakdowns = true }
    #expect(error.description.contains("file.csv:2: the row equals the sum of the other rows of ad 111 on 2026-10-01"))
  }

  @Test("Parts that happen to add up to another on one of several days are no subtotals")
  func coincidence() async throws {
    let test = try await TestSystem(at: .december2026)
    let days = (1...4).map { day in
      "2026-10-0\(day),111,a,x,\(day == 1 ? 300 : 350),3,4\n2026-10-0\(day),111,b,x,100,1,1\n"
        + "2026-10-0\(day),111,c,x,200,2,3\n"
    }
    let report = try await test.importText(Self.broken + days.joined(), as: .adsCSV) { $0.sumsBreakdowns = true }
    #expect(report.rows == 12)
  }
}
