import Accounts
import Values
import Web

/// Daily figures of ads from a table: an Ads Manager export in any of several languages, or any file with a mapping.
struct AdsCSVSource: RecordSource {
  let name = "ads_csv"
  private let options: ImportOptions
  private let dates: DateReader
  /// Nil accepts any.
  private let currency: Currency?
  private var layout: ColumnLayout?
  private var rounded = RoundedNumbers()
  private var rowsWithAds = 0
  private var cappedRows = 0
  private var emptyRows = 0
  private var tableNotes: [String] = []
  /// The decimal sign, where the file shows it or it was given.
  private(set) var decimalSign: DecimalSign?
  private(set) var totalRows = 0
  private(set) var subtotalRows = 0

  init(options: ImportOptions, calendar: AccountCalendar, currency: Currency?) {
    self.options = options
    dates = DateReader(order: options.dateOrder, calendar: calendar)
    self.currency = currency
  }

  var columns: [String] { layout?.summary ?? [] }

  var notes: [String] {
    var notes = tableNotes
    if cappedRows > 0 { notes.append(ClickCap.note(cappedRows)) }
    if emptyRows > 0 {
      notes.append(
        RowCount.text(emptyRows, "has", "have")
          + " neither impressions nor spend: the figures of such an ad and day are now 0, also where another file had some"
      )
    }
    return notes
  }

  mutating func read(
    _ path: String, progress: (ImportProgress) -> Void, _ row: (SourceRow<DailyMetrics>) throws -> Void
  ) throws {
    var table = TableRows(file: path, fields: AdsFields.all, options: options, currency: currency)
    var source = self
    var columns: AdsColumns?
    var breakdown = BreakdownRows(file: path, positions: [], watchesSums: false)
    try table.read(progress: progress) { layout in
      try source.checkCurrency(layout, path)
      source.layout = layout
      let found = try AdsColumns(layout, file: path)
      columns = found
      breakdown = BreakdownRows(file: path, positions: found.breakdowns, watchesSums: options.sumsBreakdowns)
    } row: { cells in
      guard let columns, let taken = source.take(cells, columns) else { return }
      try breakdown.take(taken, cells, row)
    }
    try breakdown.finish(row)
    source.subtotalRows = breakdown.subtotals
    source.tableNotes = table.notes
    source.decimalSign = table.sign
    self = source
    if let line = rounded.line {
      throw ImportError.badFile(
        file: "\(path):\(line)", rule: "column \(columns?.adID.name ?? ""): all \(RoundedNumbers.rule)")
    }
    guard rowsWithAds > 0 || totalRows == 0 else {
      throw ImportError.badFile(
        file: path, rule: "names an ad in none of its rows: export it at the level of ads, with the column Ad ID")
    }
  }

  /// Every column that names a currency must name the account's.
  private func checkCurrency(_ layout: ColumnLayout, _ file: String) throws {
    guard let currency else { return }
    let amounts = Set(layout.numberColumns.lazy.filter { $0.kind == .amount }.map(\.position))
    for (position, name) in layout.header.enumerated() {
      guard let unit = HeaderText.unit(name),
        let stated = CurrencySigns.stated(unit, ofAmount: amounts.contains(position)), !stated.agrees(with: currency)
      else { continue }
      throw ImportError.badFile(
        file: file, rule: "amounts are in \(stated.text), but the account's currency is \(currency)")
    }
  }

  /// The row's figures; nil for a row of totals.
  private mutating func take(_ cells: CellReader, _ columns: AdsColumns) -> SourceRow<DailyMetrics>? {
    let original = SourceRow<DailyMetrics>.Original.cells(cells.cells, header: cells.layout.header)
    if let problem = cells.problem {
      return SourceRow(line: cells.line, original: original, record: .failure(problem))
    }
    if isTotal(cells, columns) {
      totalRows += 1
      return nil
    }
    rowsWithAds += 1
    let day = Result { () throws(RowProblem) in try self.day(cells, columns) }
    return SourceRow(line: cells.line, original: original, record: day)
  }

  /// Whether a row is a total: it names no ad, or a word such as `Total` instead of an ad.
  private func isTotal(_ cells: CellReader, _ columns: AdsColumns) -> Bool {
    if let id = columns.knowsNamesOnly ? cells.text(columns.adID) : cells.value(columns.adID) {
      // Every word for a total has a letter, and nearly every id begins with a digit.
      guard let first = id.utf8.first, first > UInt8(ascii: "9") else { return false }
      return BreakdownNames.isTotal(id)
    }
    return cells.text(columns.adName).map(BreakdownNames.isTotal) ?? true
  }

  private mutating func day(_ cells: CellReader, _ columns: AdsColumns) throws(RowProblem) -> DailyMetrics {
    let stated = columns.knowsNamesOnly ? try cells.adName(columns.adID) : try cells.adNumber(columns.adID)
    guard let adID = stated else { throw cells.problem(columns.adID, "", "must not be empty") }
    if !columns.knowsNamesOnly { rounded.look(at: adID, line: cells.line) }
    if let currency, let text = cells.value(columns.currency), !CurrencySigns.mean(text, currency) {
      throw cells.problem(columns.currency, text, "must be the account's currency, \(currency)")
    }
    let impressions = try cells.count(columns.impressions)
    let spend = try cells.amount(columns.spend)
    if impressions == nil, spend == nil { emptyRows += 1 }
    var day = DailyMetrics(
      adID: adID, day: try date(cells, columns), impressions: impressions ?? 0,
      clicks: try cells.count(columns.clicks) ?? 0, spend: spend ?? .zero)
    day.adName = cells.text(columns.adName)
    day.reach = try cells.count(columns.reach)
    day.frequency = try cells.ratio(columns.frequency)
    day.leads = try cells.count(columns.leads)
    day.pipelineValue = try cells.amount(columns.pipelineValue)
    day.cashRevenue = try cells.amount(columns.cashRevenue)
    day.wonDeals = try cells.count(columns.wonDeals)
    if cells.text(columns.deliveryLevel).map(Self.isAdLevel) ?? true {
      day.delivery = cells.text(columns.delivery).flatMap { DeliveryState(reported: $0) }
    }
    if ClickCap.apply(to: &day) { cappedRows += 1 }
    if let problem = day.problem {
      throw cells.problem(cells.layout.column(problem.field), problem.value, problem.rule)
    }
    return day
  }

  /// Whether a status of this level is the ad's own, and not that of its ad set or campaign.
  private static func isAdLevel(_ level: String) -> Bool {
    ["ad", "anzeige", "publicité", "anuncio", "inserzione", "anúncio", "advertentie"].contains(level.lowercased())
  }

  private func date(_ cells: CellReader, _ columns: AdsColumns) throws(RowProblem) -> CalendarDay {
    let text = try cells.requiredValue(columns.date)
    guard let date = day(text, columns.date, cells) else { throw cells.problem(columns.date, text, dates.dayRule) }
    if let end = cells.value(columns.dateStop), day(end, columns.dateStop, cells) != date {
      throw cells.problem(
        columns.dateStop, end, "must be the day the row starts on: export figures by day (breakdown by time: Day)")
    }
    return date
  }

  private func day(_ text: String, _ column: Column, _ cells: CellReader) -> CalendarDay? {
    if let position = column.position, cells.record.numbers.contains(position) { return dates.day(serial: text) }
    return dates.day(text)
  }
}

/// Clicks in excess of impressions, which Meta reports for rows with few impressions: it counts every click, including
/// one on an ad that was shown on another day.
enum ClickCap {
  /// Reduces clicks to impressions, so that a rate is never above 1; returns whether there were more.
  static func apply(to day: inout DailyMetrics) -> Bool {
    guard day.clicks > day.impressions, day.impressions >= 0 else { return false }
    day.clicks = day.impressions
    return true
  }

  static func note(_ rows: Int) -> String {
    RowCount.text(rows, "has", "have") + " more clicks than impressions: as many clicks as impressions were counted"
  }
}

/// Detects a file whose ad numbers were all rounded by a spreadsheet, which no single number proves.
private struct RoundedNumbers {
  private var firstRounded: (id: AdID, line: Int)?
  private var sawExact = false

  /// What is wrong with them, and what to do.
  static let rule =
    "ids end in zeros from the 16th digit on, as a spreadsheet rounds them: export the file again and import it as it "
    + "is; with one name for each ad, --map 'ad_id=Ad name' will do"

  mutating func look(at id: AdID, line: Int) {
    guard !sawExact, let isRounded = AdNumberText.looksRounded(id.value) else { return }
    if !isRounded { sawExact = true } else if firstRounded == nil { firstRounded = (id, line) }
  }

  /// The first line with such a number; nil where the file is not affected.
  var line: Int? { sawExact ? nil : firstRounded?.line }
}

/// A number of rows, as the beginning of a sentence.
private enum RowCount {
  static func text(_ count: Int, _ one: String, _ many: String) -> String {
    count == 1 ? "1 row \(one)" : "\(count) rows \(many)"
  }
}
