import AppTestKit
import Measurement
import Testing
import Values

/// The forms in which exports, warehouses and spreadsheets hand over an ad's days.
struct ExportFormTests {
  @Test("Where a column says the day, the report's first and last day beside it are passed over")
  func dayAndWindow() async throws {
    let test = try await TestSystem(at: .december2026)
    let report = try await test.importText(
      """
      Reporting starts,Reporting ends,Day,Ad name,Ad ID,Amount spent (USD),Impressions,Link clicks
      2026-10-01,2026-10-02,2026-10-01,Coat,111,150.50,1000,10
      2026-10-01,2026-10-02,2026-10-02,Coat,111,99.50,900,9
      2026-10-01,2026-10-02,,,,250.00,1900,19
      """, as: .adsCSV)
    #expect(report.rows == 2)
    #expect(report.totalRows == 1)
    #expect(report.spend == Money(decimal: "250"))
  }

  @Test("Where the report's days alone are there, a row must be about one of them")
  func windowAlone() async throws {
    let test = try await TestSystem(at: .december2026)
    let rest = "Ad ID,Amount spent,Impressions,Link clicks\n"
    let span = try await test.refusal(
      of: "Reporting starts,Reporting ends,\(rest)2026-10-01,2026-10-02,7,1,2,1\n", as: .adsCSV)
    #expect(span.rows.map(\.column) == ["Reporting ends"])
    let open = try await test.refusal(of: "Reporting starts,\(rest)2026-10-01,7,1,2,1\n", as: .adsCSV)
    #expect(open.fileRule?.contains("add the breakdown by day to the export") == true)
    let mapped = try await test.importText("Reporting starts,\(rest)2026-10-01,7,1,2,1\n", as: .adsCSV) {
      $0.mapping = try ColumnMapping(["date=Reporting starts"])
    }
    #expect(mapped.rows == 1)
  }

  @Test(
    "A date with its year first has one order, whatever parts it",
    arguments: [
      "2026/08/02", "2026/8/2", "2026.08.02", "2026-8-2", "20260802", "2026年8月2日", "2026. 8. 2.", "2026/08/02 13:45",
      "2026-08-02T00:00:00Z", "2026-08-02 00:00:00 UTC", "2026-08-02T00:00:00.000000Z", "2026-08-02 00:00:00",
    ])
  func yearFirst(_ date: String) async throws {
    // Midnight in UTC is the evening before in this account's city.
    let test = try await TestSystem(timezone: "America/New_York", at: .december2026)
    try await test.importText("Day,Ad ID,Impressions,Clicks,Spend\n\(date),7,10,1,1\n", as: .adsCSV)
    #expect(
      try await test.dump(leavingOut: ["ad_daily_metrics.known_at"])["ad_daily_metrics"]?.first?.contains(
        "'2026-08-02'") == true)
  }

  @Test(
    "A date that has no such order is refused",
    arguments: ["2026/13/02", "2026/08", "26/08/02", "2026/08/02 x", "20261340"])
  func notYearFirst(_ date: String) async throws {
    let test = try await TestSystem(at: .december2026)
    let error = try await test.refusal(of: "Day,Ad ID,Impressions,Clicks,Spend\n\(date),7,10,1,1\n", as: .adsCSV)
    #expect(error.rows.map(\.value) == [date])
  }

  static let headers: [(language: String, header: String)] = [
    (
      "German",
      "Berichtsstart,Berichtsende,Name der Anzeige,Anzeigen-ID,Impressionen,Link-Klicks,Ausgegebener Betrag (USD)"
    ),
    (
      "German, older",
      "Auswertungsbeginn,Auswertungsende,Anzeigenname,Anzeigen-ID,Impressionen,Klicks (alle),Ausgegebener Betrag (USD)"
    ),
    (
      "French",
      "Début des rapports,Fin des rapports,Nom de la publicité,Identifiant de la publicité,Impressions,Clics (tous),Montant dépensé (USD)"
    ),
    (
      "Spanish",
      "Inicio del informe,Fin del informe,Nombre del anuncio,Identificador del anuncio,Impresiones,Clics en el enlace,Importe gastado (USD)"
    ),
    (
      "Italian",
      "Inizio dei resoconti,Fine dei resoconti,Nome dell\u{2019}inserzione,ID inserzione,Impressioni,Clic (tutti),Importo speso (USD)"
    ),
    (
      "Portuguese",
      "Início dos relatórios,Término dos relatórios,Nome do anúncio,Identificação do anúncio,Impressões,Cliques no link,Valor usado (USD)"
    ),
    (
      "Dutch",
      "Start rapportage,Einde rapportage,Naam advertentie,Advertentie-ID,Weergaven,Klikken op links,Besteed bedrag (USD)"
    ),
    (
      "Polish",
      "Początek raportowania,Koniec raportowania,Nazwa reklamy,Identyfikator reklamy,Wyświetlenia,Kliknięcia (wszystkie),Wydana kwota (USD)"
    ),
    ("Japanese", "レポート開始日,レポート終了日,広告名,広告ID,インプレッション,クリック(すべて),消化金額 (USD)"),
    ("Japanese, wide signs", "レポート開始日,レポート終了日,広告名,広告ID,インプレッション,クリック（すべて）,消化金額（USD）"),
    ("Chinese, simplified", "报告开始日期,报告结束日期,广告名称,广告编号,展示次数,链接点击量,已花费金额 (USD)"),
    ("Chinese, traditional", "分析報告開始,分析報告結束,廣告名稱,廣告編號,曝光次數,連結點擊次數,花費金額 (USD)"),
    ("Korean", "보고 시작,보고 종료,광고 이름,광고 ID,노출,링크 클릭,지출 금액 (USD)"),
    (
      "no-break spaces",
      "Reporting\u{A0}starts,Reporting\u{A0}ends,Ad\u{A0}name,Ad\u{A0}ID,Impressions,Link\u{A0}clicks,Amount\u{A0}spent\u{A0}(USD)"
    ),
    (
      "decomposed accents",
      "De\u{301}but des rapports,Fin des rapports,Nom de la publicite\u{301},Identifiant de la publicite\u{301},Impressions,Clics (tous),Montant de\u{301}pense\u{301} (USD)"
    ),
    (
      "encoded twice",
      "DÃ©but des rapports,Fin des rapports,Nom de la publicitÃ©,Identifiant de la publicitÃ©,Impressions,Clics (tous),Montant dÃ©pensÃ© (USD)"
    ),
    ("Meta's API, as Airbyte and Singer have it", "date_start,date_stop,ad_name,ad_id,impressions,clicks,spend"),
    ("BigQuery", "DateStart,DateStop,AdName,AdId,Impressions,Clicks,Spend"),
  ]

  @Test("Headers are known in every language and form", arguments: 0..<headers.count)
  func header(_ index: Int) async throws {
    let header = Self.headers[index]
    let test = try await TestSystem(at: .december2026)
    try await test.importText("\(header.header)\n2026-08-02,2026-08-02,Coat,111,1000,10,35.20\n", as: .adsCSV)
    #expect(
      try await test.dump(leavingOut: ["ad_daily_metrics.known_at"])["ad_daily_metrics"] == [
        "'acme' '111' '2026-08-02' 1000 10 35200000 NULL NULL NULL NULL NULL 1"
      ],
      "\(header.language)")
    #expect(try await test.dump()["ad_states"]?.first?.contains("'Coat'") == true, "\(header.language)")
  }

  @Test("The rows that Fivetran lands are read as they are")
  func fivetran() async throws {
    let test = try await TestSystem(at: .december2026)
    let report = try await test.importText(
      "ad_id,date,account_id,impressions,inline_link_clicks,spend,reach,_fivetran_id\n111,2026-08-02,9,1000,10,35.2,900,x\n",
      as: .adsCSV)
    #expect(report.clicks == 10)
    #expect(report.columns.contains("clicks from 'inline_link_clicks'"))
  }

  @Test("Cells that say there is no value are empty", arguments: ["", "-", "--", "NA", "N/A", "\u{2014}"])
  func blankWords(_ word: String) async throws {
    let test = try await TestSystem(at: .december2026)
    try await test.importText(
      "Day,Ad ID,Impressions,Clicks,Spend,Reach,Frequency,Leads\n2026-08-02,7,10,\(word),1,\(word),\(word),\(word)\n",
      as: .adsCSV)
    #expect(
      try await test.dump(leavingOut: ["ad_daily_metrics.known_at"])["ad_daily_metrics"] == [
        "'acme' '7' '2026-08-02' 10 0 1000000 NULL NULL NULL NULL NULL 1"
      ])
  }

  private static let accented =
    "Day;Ad ID;Ad name;Impressions;Clicks (all);Amount spent\n2026-10-01;111;Écharpe “été”;1000;10;150.5\n"

  @Test("A file that a Western Windows program saved is read, with a note")
  func windows1252() async throws {
    let test = try await TestSystem(at: .december2026)
    var bytes = Array("Day;Ad ID;Ad name;Impressions;Clicks (all);Amount spent\n2026-10-01;111;".utf8)
    bytes +=
      [0xC9] + Array("charpe ".utf8) + [0x93, 0xE9] + Array("t".utf8) + [0xE9, 0x94] + Array(";1000;10;150.5\n".utf8)
    let report = try await test.importFile(test.file("file.csv", bytes), as: .adsCSV)
    #expect(report.notes == ["the text is not UTF-8 and was read as Windows-1252: check the names of ads"])
    #expect(try await test.dump()["ad_states"]?.first?.contains("'Écharpe “été”'") == true)
  }

  @Test("Text that is neither UTF-8 nor as a whole anything else is refused with the cure")
  func damaged() async throws {
    let test = try await TestSystem(at: .december2026)
    let path = try test.file(
      "file.csv", Array(Self.accented.utf8) + Array("2026-10-02;112;".utf8) + [0xC9] + Array(";1;1;1\n".utf8))
    let error = await #expect(throws: ImportError.self) { try await test.importFile(path, as: .adsCSV) }
    #expect(
      error?.description
        == "\(path):3:16: is not CSV: the text is not valid Unicode; save the file as CSV in UTF-8")
  }

  @Test("UTF-16 is read without a mark too", arguments: [true, false])
  func utf16(_ isLittleEndian: Bool) async throws {
    let test = try await TestSystem(at: .december2026)
    let bytes = Self.accented.utf16.flatMap { unit in
      isLittleEndian ? [UInt8(unit & 255), UInt8(unit >> 8)] : [UInt8(unit >> 8), UInt8(unit & 255)]
    }
    #expect(try await test.importFile(test.file("file.csv", bytes), as: .adsCSV).rows == 1)
    #expect(try await test.dump()["ad_states"]?.first?.contains("'Écharpe “été”'") == true)
  }

  @Test("A first line that names the separator is no header", arguments: ["sep=;\n", "sep=;\r\n", "SEP=;\n"])
  func declaredSeparator(_ line: String) async throws {
    let test = try await TestSystem(at: .december2026)
    #expect(try await test.importText(line + Self.accented, as: .adsCSV).rows == 1)
    let error = try await test.refusal(of: line + Self.accented + "x;1;;1;1;1\n", as: .adsCSV)
    #expect(error.rows.map(\.line) == [4])
  }

  @Test("A separator that nobody would guess can be named")
  func rareSeparator() async throws {
    let test = try await TestSystem(at: .december2026)
    let report = try await test.importText("sep=|\n" + Self.accented.replacing(";", with: "|"), as: .adsCSV)
    #expect(report.rows == 1)
  }

  @Test("More clicks than impressions are counted as impressions, with a note, and the spend is kept")
  func clicksOverImpressions() async throws {
    for (kind, text) in [
      (ImportService.Kind.adsCSV, "Day,Ad ID,Impressions,Clicks (all),Amount spent\n2026-10-01,7,1,2,0.04\n"),
      (
        .metaInsights,
        #"{"ad_id": "7", "date_start": "2026-10-01", "impressions": "1", "clicks": "2", "spend": "0.04"}"#
      ),
    ] {
      let test = try await TestSystem(at: .december2026)
      let report = try await test.importText(text, as: kind)
      #expect(report.spend == Money(decimal: "0.04"))
      #expect(report.clicks == 1)
      #expect(report.notes == ["1 row has more clicks than impressions: as many clicks as impressions were counted"])
    }
  }

  @Test("Rows of actions alone are named, because they set days to nothing")
  func actionRows() async throws {
    let test = try await TestSystem(at: .december2026)
    let report = try await test.importText(
      "Day,Ad ID,Impressions,Clicks,Spend,Leads\n2026-10-01,7,,,,2\n2026-10-02,7,0,0,0,1\n", as: .adsCSV)
    #expect(report.rows == 2)
    #expect(report.notes.count == 1)
    #expect(report.notes.first?.hasPrefix("1 row has neither impressions nor spend") == true)
  }
}
