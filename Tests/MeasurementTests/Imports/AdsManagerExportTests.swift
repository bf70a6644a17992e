import App
import AppTestKit
import DecisionEngine
import Measurement
import Storage
import Testing
import Values

/// Ads Manager's exports as they come: languages, units, number formats and encodings.
struct AdsManagerExportTests {
  struct Language: CustomTestStringConvertible, Sendable {
    let name: String
    let header: String
    var testDescription: String { name }
  }

  static let languages = [
    Language(
      name: "English", header: "Day,Ad ID,Ad name,Impressions,Link clicks,Amount spent (USD),Reach,Frequency,Leads"),
    Language(
      name: "English, all clicks",
      header: "Day,Ad ID,Ad name,Impressions,Clicks (all),Amount spent (USD),Reach,Frequency,Leads"),
    Language(
      name: "German",
      header:
        "Tag,Anzeigen-ID,Anzeigenname,Impressionen,Klicks (alle),Ausgegebener Betrag (USD),Reichweite,Frequenz,Leads"),
    Language(
      name: "French",
      header:
        "Jour,Identifiant de la publicité,Nom de la publicité,Impressions,Clics (tous),Montant dépensé (USD),"
        + "Couverture,Répétition,Prospects"),
    Language(
      name: "Spanish",
      header:
        "Día,Identificador del anuncio,Nombre del anuncio,Impresiones,Clics (todos),Importe gastado (USD),Alcance,"
        + "Frecuencia,Clientes potenciales"),
    Language(
      name: "Italian",
      header:
        "Giorno,ID inserzione,Nome dell'inserzione,Impressioni,Clic (tutti),Importo speso (USD),Copertura,Frequenza,"
        + "Contatti"),
    Language(
      name: "Portuguese",
      header:
        "Dia,Identificação do anúncio,Nome do anúncio,Impressões,Cliques (todos),Valor usado (USD),Alcance,"
        + "Frequência,leads"),
    Language(
      name: "Dutch",
      header:
        "Dag,Advertentie-ID,Naam van advertentie,Vertoningen,Klikken (alle),Besteed bedrag (USD),Bereik,Frequentie,"
        + "Leads"),
  ]

  @Test("Headers are known in every language", arguments: languages)
  func headers(_ language: Language) async throws {
    let test = try await TestSystem()
    let row = "2026-05-01,1201,Founder story,1000,25,12.34,800,1.25,3"
    let report = try await test.importText("\(language.header)\n\(row)\n", as: .adsCSV)
    #expect(report.rows == 1)
    #expect(report.columns.count == 9)
    let day = try #require(try await test.dump(leavingOut: ["ad_daily_metrics.known_at"])["ad_daily_metrics"]?.first)
    #expect(day == "'acme' '1201' '2026-05-01' 1000 25 12340000 800 1.25 3 NULL NULL 1")
    #expect(try await test.dump()["ad_states"]?.first?.contains("'Founder story'") == true)
  }

  @Test("The ad's name stands in for its id where there is none")
  func nameAsID() async throws {
    let test = try await TestSystem()
    try await test.importText(
      "Day,Ad name,Impressions,Link clicks,Amount spent\n2026-05-01,Hook A,10,1,2\n", as: .adsCSV)
    #expect(try await test.states().keys.sorted() == ["Hook A"])
  }

  @Test("A header in another currency is refused")
  func otherCurrency() async throws {
    let test = try await TestSystem()
    let error = try await test.refusal(
      of: "Day,Ad ID,Impressions,Clicks,Amount spent (EUR)\n2026-05-01,1,10,1,2\n", as: .adsCSV)
    #expect(error.fileRule == "amounts are in EUR, but the account's currency is USD")
  }

  @Test("A file said to be in another currency is refused")
  func statedCurrency() async throws {
    let test = try await TestSystem()
    let error = try await test.refusal(of: Self.plain, as: .adsCSV) { $0.currency = Currency("EUR") }
    #expect(error.fileRule == "amounts are in EUR, but the account's currency is USD")
    #expect(try await test.importText(Self.plain, as: .adsCSV) { $0.currency = .usd }.rows == 1)
  }

  private static let plain = "date,ad_id,impressions,clicks,spend\n2026-05-01,1,1000,25,12.34\n"
  private static let plainDay = "'acme' '1' '2026-05-01' 1000 25 12340000 NULL NULL NULL NULL NULL 1"

  static let writings: [(name: String, bytes: [UInt8])] = [
    ("plain", Array(plain.utf8)),
    ("byte order mark", [0xEF, 0xBB, 0xBF] + Array(plain.utf8)),
    ("CR LF", Array(plain.replacing("\n", with: "\r\n").utf8)),
    ("no last line end", Array(plain.utf8.dropLast())),
    ("semicolons", Array(plain.replacing(",", with: ";").utf8)),
    ("tabs", Array(plain.replacing(",", with: "\t").utf8)),
    ("UTF-16 little endian", [0xFF, 0xFE] + plain.utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }),
    ("UTF-16 big endian", [0xFE, 0xFF] + plain.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }),
    ("blanks around cells", Array(plain.replacing(",", with: " , ").utf8)),
    (
      "quotes everywhere",
      Array(
        "\"date\",\"ad_id\",\"impressions\",\"clicks\",\"spend\"\n\"2026-05-01\",\"1\",\"1000\",\"25\",\"12.34\"\n".utf8
      )
    ),
    ("thousands", Array(plain.replacing("1000", with: "\"1,000\"").utf8)),
    ("whole number with decimals", Array(plain.replacing(",25,", with: ",25.0,").utf8)),
  ]

  @Test("The same row in every way of writing it", arguments: 0..<writings.count)
  func writing(_ index: Int) async throws {
    let writing = Self.writings[index]
    let test = try await TestSystem()
    let path = try test.file("file.csv", writing.bytes)
    #expect(try await test.importFile(path, as: .adsCSV).rows == 1, "\(writing.name)")
    #expect(
      try await test.dump(leavingOut: ["ad_daily_metrics.known_at"])["ad_daily_metrics"] == [Self.plainDay],
      "\(writing.name)")
  }

  @Test("Thousands separators", arguments: [("\"1,234.56\"", 1_234_560_000), ("\"12,345,678\"", 12_345_678_000_000)])
  func thousands(_ cell: String, _ micros: Int) async throws {
    let test = try await TestSystem()
    let report = try await test.importText(
      "date,ad_id,impressions,clicks,spend\n2026-05-01,1,\"1,000,000\",\"1,000\",\(cell)\n", as: .adsCSV)
    #expect(report.impressions == 1_000_000)
    #expect(report.clicks == 1_000)
    #expect(report.spend == Money(micros: Int64(micros)))
  }

  @Test("Empty cells count as nothing, optional ones as unknown")
  func emptyCells() async throws {
    let test = try await TestSystem()
    try await test.importText(
      "date,ad_id,impressions,clicks,spend,reach,leads,won_deals\n2026-05-01,1,,,,,,\n", as: .adsCSV)
    #expect(
      try await test.dump(leavingOut: ["ad_daily_metrics.known_at"])["ad_daily_metrics"] == [
        "'acme' '1' '2026-05-01' 0 0 0 NULL NULL NULL NULL NULL 1"
      ])
    #expect(try await test.rowCounts()["deals"] == 0)
  }

  @Test("A row of totals is left out and counted")
  func totals() async throws {
    let test = try await TestSystem()
    let report = try await test.importText(
      "date,ad_id,impressions,clicks,spend\n,,1000,25,12.34\n2026-05-01,1,1000,25,12.34\n", as: .adsCSV)
    #expect(report.totalRows == 1)
    #expect(report.rows == 1)
    #expect(report.impressions == 1_000)
  }

  @Test("A name may hold line ends, separators and quotes")
  func quotedNewlines() async throws {
    let test = try await TestSystem()
    try await test.importText(
      "date,ad_id,ad_name,impressions,clicks,spend\n2026-05-01,1,\"two\nlines, \"\"quoted\"\"\",10,1,2\n"
        + "2026-05-01,2,x,10,1,2\n", as: .adsCSV)
    let names = try await test.system.database.read { transaction in
      try transaction.query("SELECT name FROM ad_states ORDER BY ad_id").map { try $0.get("name", as: String.self) }
    }
    #expect(names == ["two\nlines, \"quoted\"", "x"])
  }
}
