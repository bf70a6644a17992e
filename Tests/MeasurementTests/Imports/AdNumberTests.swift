import AppTestKit
import Measurement
import Testing
import Values

/// Meta's numbers of ads as spreadsheets leave them.
struct AdNumberTests {
  private static func file(_ ids: String..., header: String = "Day,Ad ID,Ad name,Impressions,Clicks (all),Spend")
    -> String
  {
    header + "\n" + ids.enumerated().map { "2026-10-0\($0.offset + 1),\($0.element),Coat,1000,10,150.25\n" }.joined()
  }

  @Test(
    "A number that lost digits is refused, with the way to keep them",
    arguments: ["1.2021E+17", "1.2021e+17", "1.20253E17", "\"1,2021E+17\"", "1E+17"])
  func power(_ id: String) async throws {
    let test = try await TestSystem(at: .december2026)
    let error = try await test.refusal(of: Self.file(id), as: .adsCSV)
    #expect(error.rows.map(\.column) == ["Ad ID"])
    #expect(error.rows.first?.rule.hasPrefix("a spreadsheet has rounded this id, and its last digits are lost") == true)
  }

  @Test(
    "A number that is whole is read, whatever stands around it",
    arguments: [
      "120210000000000111", "\"120210000000000111\"", "'120210000000000111", "120210000000000111.0",
      "\"=\"\"120210000000000111\"\"\"", " 120210000000000111 ",
    ])
  func whole(_ id: String) async throws {
    let test = try await TestSystem(at: .december2026)
    try await test.importText(Self.file(id), as: .adsCSV)
    #expect(try await test.states().keys.sorted() == ["120210000000000111"])
  }

  @Test("A file whose numbers all end in zeros from the 16th digit on was rounded, and is refused")
  func rounded() async throws {
    let test = try await TestSystem(at: .december2026)
    let error = try await test.refusal(of: Self.file("120210000000000000", "120210000000001000"), as: .adsCSV)
    #expect(error.description.contains("file.csv:2: column Ad ID: all ids end in zeros from the 16th digit on"))
    let report = try await test.importText(Self.file("120210000000000000", "120210000000001001"), as: .adsCSV)
    #expect(report.ads == 2)
  }

  @Test("Where ads are known by their names, a name may look like anything")
  func names() async throws {
    let test = try await TestSystem(at: .december2026)
    try await test.importText("Day,Ad name,Impressions,Clicks,Spend\n2026-10-01,1.5E+10,9,1,1\n", as: .adsCSV)
    try await test.importText(Self.file("1.2021E+17"), as: .adsCSV) {
      $0.mapping = try ColumnMapping(["ad_id=Ad name"])
    }
    #expect(try await test.states().keys.sorted() == ["1.5E+10", "Coat"])
  }

  @Test("Insights that went through a spreadsheet are refused too")
  func insights() async throws {
    let test = try await TestSystem(at: .december2026)
    let error = try await test.refusal(
      of: #"{"ad_id": 1.2021E+17, "date_start": "2026-10-01", "impressions": 1, "spend": 1}"#, as: .metaInsights)
    #expect(error.rows.map(\.column) == ["ad_id"])
  }
}
