import Formats
import Values

/// Daily figures of ads from a CSV: an Ads Manager export in any of several languages, or any file by a mapping.
struct AdsCSVSource: RecordSource {
  let name = "ads_csv"
  private let options: ImportOptions
  private let dates: DateReader
  private let currency: Currency
  private var layout: ColumnLayout?
  private(set) var totalRows = 0

  init(options: ImportOptions, calendar: AccountCalendar, currency: Currency) {
    self.options = options
    dates = DateReader(order: options.dateOrder, calendar: calendar)
    self.currency = currency
  }

  var columns: [String] { layout?.summary ?? [] }

  mutating func read(
    _ path: String, progress: (ImportProgress) -> Void, _ row: (SourceRow<DailyMetrics>) throws -> Void
  ) throws {
    var csv = CSVReader()
    var source = self
    func record(_ record: CSVRecord) throws { try source.take(record, path, row) }
    try chunks(path, progress: progress, { try csv.feed($0, record) }, finish: { try csv.finish(record) })
    self = source
    guard layout != nil else { throw ImportError.badFile(file: path, rule: "is empty") }
  }

  private mutating func take(
    _ record: CSVRecord, _ file: String, _ row: (SourceRow<DailyMetrics>) throws -> Void
  ) throws {
    guard let layout else {
      let found = try ColumnLayout(
        header: record.fields, fields: Self.fields, mapping: options.mapping, file: file)
      if let unit = found.unit(of: "spend"), let stated = Currency(unit), stated != currency {
        throw ImportError.badFile(
          file: file, rule: "amounts are in \(stated), but the account's currency is \(currency)")
      }
      layout = found
      return
    }
    let cells = CellReader(file: file, line: record.line, layout: layout, cells: record.fields)
    let original = SourceRow<DailyMetrics>.Original.cells(record.fields, header: layout.header)
    guard record.fields.count == layout.header.count else {
      let problem = RowProblem(
        file: file, line: record.line, column: "1", value: "\(record.fields.count) cells",
        rule: "must have \(layout.header.count) cells, as the header has")
      return try row(SourceRow(line: record.line, original: original, record: .failure(problem)))
    }
    if isTotals(cells) {
      totalRows += 1
      return
    }
    let day = Result { () throws(RowProblem) in try self.day(cells) }
    try row(SourceRow(line: record.line, original: original, record: day))
  }

  /// Whether a row sums up others: it names no ad, and no day or more than one.
  private func isTotals(_ cells: CellReader) -> Bool {
    guard cells.text("ad_id") == nil else { return false }
    guard let start = cells.text("date") else { return true }
    return cells.text("date_stop").map { $0 != start } ?? false
  }

  private func day(_ cells: CellReader) throws(RowProblem) -> DailyMetrics {
    guard let adID = try cells.adID("ad_id") else { throw cells.problem("ad_id", "", "must not be empty") }
    let dateText = try cells.requiredText("date")
    guard let date = dates.day(dateText) else { throw cells.problem("date", dateText, dates.dayRule) }
    if let endText = cells.text("date_stop"), dates.day(endText) != date {
      throw cells.problem("date_stop", endText, "must be the day the row starts on: export figures by day")
    }
    var day = DailyMetrics(
      adID: adID, day: date, impressions: try cells.count("impressions") ?? 0, clicks: try cells.count("clicks") ?? 0,
      spend: try cells.amount("spend") ?? .zero)
    day.adName = cells.text("ad_name")
    day.reach = try cells.count("reach")
    day.frequency = try cells.number("frequency")
    day.leads = try cells.count("leads")
    day.pipelineValue = try cells.amount("pipeline_value")
    day.cashRevenue = try cells.amount("cash_revenue")
    day.wonDeals = try cells.count("won_deals")
    if cells.text("delivery_level").map(Self.isAdLevel) ?? true {
      day.delivery = cells.text("delivery").flatMap { DeliveryState(reported: $0) }
    }
    if let problem = day.problem { throw cells.problem(problem.field, problem.value, problem.rule) }
    return day
  }

  /// Whether a status of this level is the ad's own, and not that of its ad set or campaign.
  private static func isAdLevel(_ level: String) -> Bool {
    ["ad", "anzeige", "publicité", "anuncio", "inserzione", "anúncio", "advertentie"].contains(level.lowercased())
  }

  /// The fields of a day and what Ads Manager calls them in English, German, French, Spanish, Italian, Portuguese
  /// and Dutch. Revenue and sales are read by a mapping only: a platform's own count is not the CRM's.
  static let fields = [
    ImportField(
      "ad_id", required: true,
      [
        "Ad ID", "Anzeigen-ID", "Identifiant de la publicité", "Identificador del anuncio", "ID inserzione",
        "Identificação do anúncio", "Advertentie-ID", "Ad name", "Anzeigenname", "Nom de la publicité",
        "Nombre del anuncio", "Nome dell'inserzione", "Nome do anúncio", "Naam van advertentie",
      ]),
    ImportField(
      "ad_name",
      [
        "Ad name", "Anzeigenname", "Nom de la publicité", "Nombre del anuncio", "Nome dell'inserzione",
        "Nome do anúncio", "Naam van advertentie",
      ]),
    ImportField(
      "date", required: true,
      [
        "Day", "Tag", "Jour", "Día", "Giorno", "Dia", "Dag", "Reporting starts", "Auswertungsbeginn",
        "Début des rapports", "Inicio del informe", "Inizio dei resoconti", "Início dos relatórios",
        "Begin rapportage", "date_start",
      ]),
    ImportField(
      "date_stop",
      [
        "Reporting ends", "Auswertungsende", "Fin des rapports", "Fin del informe", "Fine dei resoconti",
        "Término dos relatórios", "Einde rapportage",
      ]),
    ImportField(
      "impressions", required: true,
      ["Impressions", "Impressionen", "Impresiones", "Impressioni", "Impressões", "Vertoningen", "Weergaven"]),
    ImportField(
      "clicks", required: true,
      [
        "Clicks (all)", "Klicks (alle)", "Clics (tous)", "Clics (todos)", "Clic (tutti)", "Cliques (todos)",
        "Klikken (alle)", "Link clicks", "Link-Klicks", "Clics sur un lien", "Clics en el enlace",
        "Clic sul link", "Cliques no link", "Klikken op link", "inline_link_clicks",
      ]),
    ImportField(
      "spend", required: true,
      [
        "Amount spent", "Ausgegebener Betrag", "Montant dépensé", "Importe gastado", "Importo speso",
        "Valor usado", "Valor gasto", "Besteed bedrag", "Spent", "Cost",
      ]),
    ImportField("reach", ["Reichweite", "Couverture", "Alcance", "Copertura", "Bereik"]),
    ImportField("frequency", ["Frequenz", "Répétition", "Frecuencia", "Frequenza", "Frequência", "Frequentie"]),
    ImportField("leads", ["Clientes potenciales", "Contatti", "Prospects"]),
    ImportField(
      "delivery",
      [
        "Ad delivery", "Anzeigenauslieferung", "Diffusion de la publicité", "Entrega del anuncio",
        "Pubblicazione dell'inserzione", "Veiculação do anúncio", "Advertentieweergave", "Levering advertentie",
        "Delivery status", "Auslieferungsstatus", "Statut de diffusion", "Estado de la entrega",
        "Stato della pubblicazione", "Status da veiculação", "Weergavestatus", "effective_status",
      ]),
    ImportField(
      "delivery_level",
      [
        "Delivery level", "Auslieferungsebene", "Niveau de diffusion", "Nivel de entrega",
        "Livello di pubblicazione", "Nível de veiculação", "Weergaveniveau",
      ]),
    ImportField("pipeline_value", []),
    ImportField("cash_revenue", []),
    ImportField("won_deals", []),
  ]
}
