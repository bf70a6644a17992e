/// The fields of an ad's day, and their names in Ads Manager, in Meta's API and in programs that copy it.
///
/// English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Japanese, Chinese (simplified, then
/// traditional) and Korean. Revenue and sales are read only with a mapping: a platform's own count is not the CRM's.
enum AdsFields {
  static let all = [
    ImportField("ad_id", required: true, adNumbers + adNames),
    ImportField("ad_name", adNames),
    ImportField("date", required: true, days + windowStarts),
    ImportField("date_stop", windowEnds),
    ImportField("impressions", as: .count, required: true, impressions),
    ImportField("clicks", as: .count, required: true, allClicks + linkClicks),
    ImportField("spend", as: .amount, required: true, spend),
    ImportField("reach", as: .count, reach),
    ImportField("frequency", as: .ratio, frequency),
    ImportField("leads", as: .count, leads),
    ImportField("delivery", delivery),
    ImportField("delivery_level", deliveryLevels),
    ImportField("pipeline_value", as: .amount, []),
    ImportField("cash_revenue", as: .amount, []),
    ImportField("won_deals", as: .count, []),
    ImportField("currency", currencies),
  ]

  static let adNames = [
    "Ad name", "AdName", "Anzeigenname", "Name der Anzeige", "Nom de la publicité", "Nombre del anuncio",
    "Nome dell'inserzione", "Nome inserzione", "Nome do anúncio", "Naam van advertentie", "Naam advertentie",
    "Advertentienaam", "Nazwa reklamy", "広告名", "広告の名前", "广告名称", "廣告名稱", "광고 이름",
  ]

  /// A report's first day, which is a row's day only where the row's last day is the same.
  static let windowStarts = [
    "Reporting starts", "Berichtsstart", "Berichtsbeginn", "Auswertungsbeginn", "Début des rapports",
    "Inicio del informe", "Inizio dei resoconti", "Inizio del report", "Início dos relatórios", "Begin rapportage",
    "Start rapportage", "Początek raportowania", "レポート開始日", "报告开始日期", "分析報告開始", "보고 시작", "date_start",
    "DateStart",
  ]

  private static let adNumbers = [
    "AdId", "Anzeigen-ID", "ID der Anzeige", "Identifiant de la publicité", "ID de la publicité",
    "Identificador del anuncio", "ID del anuncio", "ID inserzione", "ID dell'inserzione", "Identificação do anúncio",
    "ID do anúncio", "Advertentie-ID", "ID van advertentie", "Identyfikator reklamy", "ID reklamy", "広告ID", "広告 ID",
    "广告编号", "广告ID", "广告 ID", "廣告編號", "廣告ID", "廣告 ID", "광고 ID",
  ]

  private static let days = [
    "Day", "Tag", "Jour", "Día", "Giorno", "Dia", "Dag", "Dzień", "日", "天", "日期", "일", "날짜", "Datum", "Fecha",
  ]

  private static let windowEnds = [
    "Reporting ends", "Berichtsende", "Auswertungsende", "Fin des rapports", "Fin del informe", "Fine dei resoconti",
    "Fine del report", "Término dos relatórios", "Einde rapportage", "Koniec raportowania", "レポート終了日", "报告结束日期",
    "分析報告結束", "보고 종료", "DateStop",
  ]

  private static let impressions = [
    "Impressionen", "Impresiones", "Impressioni", "Impressões", "Vertoningen", "Weergaven", "Wyświetlenia",
    "インプレッション", "展示次数", "曝光次數", "노출",
  ]

  private static let allClicks = [
    "Clicks (all)", "Klicks (alle)", "Clics (tous)", "Clics (todos)", "Clic (tutti)", "Cliques (todos)",
    "Klikken (alle)", "Kliknięcia (wszystkie)", "クリック(すべて)", "クリック(全件)", "クリック数(全件)", "点击量(全部)", "全部点击",
    "點擊次數(全部)", "全部點擊次數", "클릭(전체)", "전체 클릭",
  ]

  private static let linkClicks = [
    "Link clicks", "Link-Klicks", "Clics sur un lien", "Clics en el enlace", "Clic sul link", "Cliques no link",
    "Klikken op link", "Klikken op links", "Kliknięcia linku", "リンクのクリック", "リンククリック", "链接点击量", "連結點擊次數",
    "링크 클릭", "inline_link_clicks", "LinkClicks", "クリック数", "点击量", "點擊次數", "클릭",
  ]

  private static let spend = [
    "Amount spent", "Ausgegebener Betrag", "Montant dépensé", "Importe gastado", "Importo speso", "Valor usado",
    "Valor gasto", "Besteed bedrag", "Wydana kwota", "消化金額", "已花费金额", "花费金额", "花費金額", "지출 금액", "Spent", "Cost",
  ]

  private static let reach = [
    "Reichweite", "Couverture", "Alcance", "Copertura", "Bereik", "Zasięg", "リーチ", "覆盖人数", "觸及人數", "도달",
  ]

  private static let frequency = [
    "Frequenz", "Répétition", "Frecuencia", "Frequenza", "Frequência", "Frequentie", "Częstotliwość",
    "フリークエンシー", "频次", "頻率", "빈도",
  ]

  private static let delivery = [
    "Ad delivery", "Anzeigenauslieferung", "Diffusion de la publicité", "Entrega del anuncio",
    "Pubblicazione dell'inserzione", "Veiculação do anúncio", "Advertentieweergave", "Levering advertentie",
    "Delivery status", "Auslieferungsstatus", "Statut de diffusion", "Estado de la entrega",
    "Stato della pubblicazione", "Status da veiculação", "Weergavestatus", "effective_status",
  ]
  private static let deliveryLevels = [
    "Delivery level", "Auslieferungsebene", "Niveau de diffusion", "Nivel de entrega", "Livello di pubblicazione",
    "Nível de veiculação", "Weergaveniveau",
  ]
  private static let leads = [
    "Clientes potenciales", "Contatti", "Prospects", "Potencjalni klienci", "リード", "潜在客户", "潛在顧客", "잠재 고객",
  ]

  private static let currencies = [
    "account_currency", "AccountCurrency", "currency_code", "Währung", "Devise", "Divisa", "Moneda", "Valuta", "Moeda",
    "Waluta", "通貨", "货币", "幣別", "貨幣", "통화",
  ]
}

/// The columns of an ad's day in one file, looked up once for all rows.
final class AdsColumns: Sendable {
  let adID, adName, date, dateStop, impressions, clicks, spend, reach, frequency, leads: Column
  let pipelineValue, cashRevenue, wonDeals, currency, delivery, deliveryLevel: Column
  /// Whether ads are identified by their names, because the file lacks their numbers.
  let knowsNamesOnly: Bool
  /// The indices of the columns by which the report is broken down.
  let breakdowns: [Int]

  /// Throws an ``ImportError`` where it is not certain that each row is a day.
  init(_ layout: ColumnLayout, file: String) throws {
    adID = layout.column("ad_id")
    adName = layout.column("ad_name")
    date = layout.column("date")
    impressions = layout.column("impressions")
    clicks = layout.column("clicks")
    spend = layout.column("spend")
    reach = layout.column("reach")
    frequency = layout.column("frequency")
    leads = layout.column("leads")
    pipelineValue = layout.column("pipeline_value")
    cashRevenue = layout.column("cash_revenue")
    wonDeals = layout.column("won_deals")
    currency = layout.column("currency")
    delivery = layout.column("delivery")
    deliveryLevel = layout.column("delivery_level")
    breakdowns = BreakdownNames.positions(in: layout.folded)
    let names = Set(AdsFields.adNames.map(HeaderText.folded))
    knowsNamesOnly =
      adID.position.map { $0 == layout.column("ad_name").position || names.contains(layout.folded[$0]) }
      ?? false
    let stop = layout.column("date_stop")
    let isWindow = date.position.map { Self.windowStarts.contains(layout.folded[$0]) } ?? false
    // A column with the day needs no second one: exports add the whole report's first and last day.
    let isDay = !isWindow && !layout.isMapped("date") && !layout.isMapped("date_stop")
    dateStop = isDay ? Column(position: nil, name: stop.name) : stop
    guard
      !isWindow || layout.isMapped("date") || stop.position != nil
        || Self.apiStarts.contains(HeaderText.folded(date.name))
    else {
      throw ImportError.badFile(
        file: file,
        rule: "has '\(date.name)' but neither a column for the day nor one for the report's end, so a row may be about "
          + "many days: add the breakdown by day to the export, or say --map date='\(date.name)' if each row is a day")
    }
  }

  private static let windowStarts = Set(AdsFields.windowStarts.map(HeaderText.folded))
  private static let apiStarts: Set<String> = ["date start", "datestart"]
}
