import AppTestKit
import Measurement
import Storage
import Testing
import Values

/// Excel workbooks of figures and of deals.
struct WorkbookImportTests {
  private static let header = "Day,Ad ID,Ad name,Impressions,Clicks (all),Amount spent (USD)"
  private static let stored = "'acme' '120210000000000111' '2026-08-02' 1000 10 35200000 NULL NULL NULL NULL NULL 1"

  private static func ads(_ rows: String..., styles: String = WorkbookFile.dateStyles, properties: String = "")
    -> WorkbookFile
  {
    WorkbookFile(
      sheets: [("Report", WorkbookFile.rows([header] + rows))], styles: styles, properties: properties)
  }

  private func refusal(
    _ bytes: [UInt8], name: String = "file.xlsx", _ change: (inout ImportOptions) throws -> Void = { _ in }
  )
    async throws -> String
  {
    let test = try await TestSystem(at: .december2026)
    let before = try await test.dump()
    let path = try test.file(name, bytes)
    let error = await #expect(throws: ImportError.self) { try await test.importFile(path, as: .adsCSV, change) }
    #expect(try await test.dump() == before)
    return try #require(error).description.replacing(path, with: "file.xlsx")
  }

  @Test(
    "Figures are read, with dates as text, as styled numbers and as plain ones",
    arguments: ["2026-08-02", "2026/08/02", "@46236", "@46236.0", "#46236"])
  func figures(_ date: String) async throws {
    let test = try await TestSystem(at: .december2026)
    let file = Self.ads("\(date),120210000000000111,Coat,#1000,#10,#35.199999999999996", ",,,#1000,#10,#35.2")
    let report = try await test.importFile(test.file("file.xlsx", file.bytes), as: .adsCSV)
    #expect(report.rows == 1)
    #expect(report.totalRows == 1)
    #expect(try await test.dump(leavingOut: ["ad_daily_metrics.known_at"])["ad_daily_metrics"] == [Self.stored])
  }

  @Test("A workbook that counts its days from 1904 is read by its calendar")
  func calendarOf1904() async throws {
    let test = try await TestSystem(at: .december2026)
    let file = Self.ads(
      "@44774,120210000000000111,Coat,#1000,#10,#35.2", properties: "<workbookPr date1904=\"1\"/>")
    try await test.importFile(test.file("file.xlsx", file.bytes), as: .adsCSV)
    #expect(try await test.dump(leavingOut: ["ad_daily_metrics.known_at"])["ad_daily_metrics"] == [Self.stored])
  }

  @Test("Shared texts are read without their pronunciation, and cells may be left out")
  func sharedTexts() async throws {
    let test = try await TestSystem(at: .december2026)
    let names = ["Day", "Ad ID", "Ad name", "Impressions", "Clicks (all)", "Amount spent (USD)"]
    let strings =
      names.map { "<si><t>\($0)</t></si>" }.joined()
      + "<si><r><t>春の</t></r><r><t>コート &amp; 帽子</t></r><rPh sb=\"0\" eb=\"1\"><t>はる</t></rPh></si>"
    let header = names.indices.map { "<c t=\"s\"><v>\($0)</v></c>" }.joined()
    let row =
      "<row r=\"4\"><c r=\"A4\" t=\"str\"><v>2026-08-02</v></c><c r=\"B4\" t=\"str\"><v>7</v></c>"
      + "<c r=\"C4\" t=\"s\"><v>6</v></c><c r=\"D4\"><v>1E3</v></c><c r=\"F4\"><v>3.52E1</v></c></row>"
    let file = WorkbookFile(sheets: [("Report", "<row r=\"1\">\(header)</row>" + row)], strings: strings)
    try await test.importFile(test.file("file.xlsx", file.bytes), as: .adsCSV)
    #expect(
      try await test.dump(leavingOut: ["ad_daily_metrics.known_at"])["ad_daily_metrics"] == [
        "'acme' '7' '2026-08-02' 1000 0 35200000 NULL NULL NULL NULL NULL 1"
      ])
    #expect(try await test.dump()["ad_states"]?.first?.contains("'春のコート & 帽子'") == true)
  }

  @Test(
    "An ad's number that is a number, not text, has lost digits",
    arguments: ["#120210000000000111", "#1.2021000000000011E+17"])
  func numericID(_ id: String) async throws {
    let message = try await refusal(Self.ads("2026-08-02,\(id),Coat,#1000,#10,#35.2").bytes)
    #expect(message.contains("file.xlsx:2: column Ad ID is '\(id.dropFirst())': a spreadsheet has rounded this id"))
  }

  @Test("The first sheet that can be seen is read, or the one that is named")
  func sheets() async throws {
    let test = try await TestSystem(at: .december2026)
    let file = WorkbookFile(
      sheets: ["Notes", "July", "August"].map { name in
        (name, WorkbookFile.rows([Self.header, "2026-08-02,\(name),\(name),#1000,#10,#1"]))
      }, hidden: ["Notes"])
    let path = try test.file("file.xlsx", file.bytes)
    try await test.importFile(path, as: .adsCSV)
    try await test.importFile(path, as: .adsCSV) { $0.sheet = "August" }
    #expect(try await test.states().keys.sorted() == ["August", "July"])
    let message = try await refusal(file.bytes) { $0.sheet = "June" }
    #expect(message == "file.xlsx: has no sheet June; its sheets are Notes, July, August")
  }

  @Test("Deals come in from a workbook too")
  func deals() async throws {
    let test = try await TestSystem(at: .december2026)
    let file = WorkbookFile(
      sheets: [
        ("Deals", WorkbookFile.rows(["Record ID,Deal Stage,Amount,Ad ID", "#9001,lead,#1200.5,120210000000000111"]))
      ])
    let report = try await test.importFile(test.file("deals.xlsx", file.bytes), as: .hubspotDeals)
    #expect(report.rows == 1)
    #expect(try await test.number("SELECT SUM(amount) AS value FROM deals") == 1_200_500_000)
  }

  @Test("A workbook that is damaged, or made to do harm, is refused in plain words")
  func harmful() async throws {
    let good = Self.ads("2026-08-02,7,Coat,#1000,#10,#35.2")
    var laughing = good
    laughing.parts[5] = WorkbookFile.Part(
      "xl/worksheets/sheet1.xml",
      "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><worksheet>&b;</worksheet>")
    var claiming = good
    claiming.parts[3].claimedBytes = 2_000_000_000
    var swollen = good
    swollen.parts[3] = WorkbookFile.Part(
      "xl/sharedStrings.xml", "<sst><si><t>" + String(repeating: "a", count: 2 << 20) + "</t></si></sst>")
    var changed = good
    changed.parts[5].claimedChecksum = 1
    var wide = good
    wide.parts[5] = WorkbookFile.Part(
      "xl/worksheets/sheet1.xml", "<worksheet><row><c r=\"ZZZ1\"><v>1</v></c></row></worksheet>")
    for (file, rule) in [
      (laughing, "damaged Excel workbook (xl/worksheets/sheet1.xml has a document type"),
      (claiming, "Excel workbook with a part xl/sharedStrings.xml of 2000000000 bytes"),
      (swollen, "Excel workbook with too much text in its cells"),
      (changed, "damaged Excel workbook (the part xl/worksheets/sheet1.xml has changed)"),
      (wide, "Excel workbook with more than 1024 columns"),
    ] {
      let message = try await refusal(file.bytes)
      #expect(message.contains(rule), "\(message)")
    }
    for count in [4, 100, good.bytes.count / 2, good.bytes.count - 1] {
      let message = try await refusal(Array(good.bytes.prefix(count)))
      #expect(message.contains("damaged Excel workbook"), "\(message)")
    }
  }

  @Test(
    "Other kinds of files are named for what they are",
    arguments: [
      ("\u{D0}\u{CF}\u{11}\u{E0}\u{A1}\u{B1}\u{1A}\u{E1}", "is an Excel file of the old kind (.xls)"),
      ("<html><table><tr><td>Day</td></tr></table>", "is HTML or XML"), ("%PDF-1.7 and more", "is a PDF"),
      ("{\"data\": []}", "is JSON; import insights as meta-insights"),
    ])
  func otherKinds(_ start: String, _ rule: String) async throws {
    let bytes = start.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    #expect(try await refusal(bytes).hasPrefix("file.xlsx: \(rule)"))
  }
}
