import Values

/// The names of breakdown columns in exports, and of the rows that sum them up.
enum BreakdownNames {
  /// Whether a cell of a breakdown column says that the row covers all of the parts.
  static func isWhole(_ cell: String) -> Bool { cell.utf8.count <= 24 && wholes.contains(HeaderText.folded(cell)) }

  /// Whether a cell in the column of the ad says that the row is a total over ads.
  static func isTotal(_ cell: String) -> Bool {
    cell.utf8.count <= 32 && (totals.contains(HeaderText.folded(cell)) || isWhole(cell))
  }

  static func positions(in folded: [String]) -> [Int] {
    folded.indices.filter { columns.contains(folded[$0]) }
  }

  private static let wholes: Set<String> = [
    "all", "all (default)", "alle", "tous", "toutes", "todos", "todas", "tutti", "tutte", "allemaal", "wszystkie",
    "すべて", "総計", "全部", "全部 (默认)", "전체",
  ]

  private static let totals: Set<String> = [
    "total", "totals", "grand total", "sum", "gesamt", "gesamtsumme", "gesamtergebnis", "insgesamt", "summe",
    "total général", "total general", "totale", "totaal", "suma", "suma końcowa", "razem", "łącznie", "合計", "总计",
    "合计", "總計", "합계", "총계",
  ]

  private static let columns = Set(
    [
      "Age", "Alter", "Âge", "Edad", "Età", "Idade", "Leeftijd", "Wiek", "年齢", "年龄", "年齡", "연령",
      "Gender", "Geschlecht", "Sexe", "Sexo", "Género", "Genere", "Gênero", "Geslacht", "Płeć", "性別", "性别", "성별",
      "Country", "Land", "Pays", "País", "Paese", "Kraj", "国", "国家/地区", "國家/地區", "국가",
      "Region", "Région", "Región", "Regione", "Região", "Regio", "DMA region", "地域", "地区", "區域", "지역",
      "Placement", "Platzierung", "Ubicación", "Posizionamento", "Posicionamento", "Plaatsing", "Umiejscowienie",
      "配置", "版位", "노출 위치", "platform_position",
      "Platform", "Plattform", "Plateforme", "Plataforma", "Piattaforma", "Platforma", "プラットフォーム", "平台", "플랫폼",
      "publisher_platform", "Device platform", "Geräteplattform", "Plateforme de l'appareil",
      "Plataforma del dispositivo", "Plataforma do dispositivo", "デバイスプラットフォーム", "设备平台", "裝置平台", "기기 플랫폼",
      "Device", "Impression device", "Conversion device", "Time of day (ad account time zone)",
      "Time of day (viewer's time zone)", "Objective breakdown", "Product ID", "Body (text)",
      "Image, video and slideshow",
    ].map(HeaderText.folded))
}

/// Separates rows that sum up the parts of a breakdown from the parts.
///
/// A cell such as `All` means nothing while all cells of its column are the same. So a row with one is held until the
/// end of the file: it is a subtotal where the column has other values and its ad and day have parts.
struct BreakdownRows {
  typealias Row = SourceRow<DailyMetrics>

  private let file: String
  private let positions: [Int]
  private let watchesSums: Bool
  /// The columns that have a value that is a part.
  private var hasParts: Set<Int> = []
  private var held: [Held] = []
  private var daysWithParts: Set<AdDate> = []
  private var sums: [AdDate: DaySum] = [:]
  /// How many subtotals were left out.
  private(set) var subtotals = 0

  private struct Held {
    let row: Row
    let day: DailyMetrics
    let wholes: [Int]
  }

  private static let mostHeld = 100_000
  private static let mostDays = 2_000_000
  private static let mostSums = 20_000

  /// With `watchesSums`, rows of one ad and day are checked for one that is the sum of the others.
  init(file: String, positions: [Int], watchesSums: Bool) {
    self.file = file
    self.positions = positions
    self.watchesSums = watchesSums
  }

  /// Passes the row on, or holds it. Throws an ``ImportError`` where too many rows would have to be held.
  mutating func take(_ row: Row, _ cells: CellReader, _ next: (Row) throws -> Void) throws {
    guard !positions.isEmpty || watchesSums, case .success(let day) = row.record else { return try next(row) }
    var wholes: [Int] = []
    for position in positions {
      guard let text = cells.text(at: position) else { continue }
      if BreakdownNames.isWhole(text) { wholes.append(position) } else { hasParts.insert(position) }
    }
    guard !wholes.isEmpty else { return try pass(row, day, next) }
    guard held.count < Self.mostHeld else {
      throw ImportError.badFile(
        file: file,
        rule: "has more than \(Self.mostHeld) rows about all parts of a breakdown: "
          + "export it without breakdowns, or without subtotals")
    }
    held.append(Held(row: row, day: day, wholes: wholes))
  }

  /// Passes on the held rows that are not subtotals.
  ///
  /// Throws an ``ImportError`` where subtotals cannot be distinguished from parts.
  mutating func finish(_ next: (Row) throws -> Void) throws {
    for held in held where hasParts.isDisjoint(with: held.wholes) { try pass(held.row, held.day, next) }
    let wholes = held.filter { !hasParts.isDisjoint(with: $0.wholes) }
    held = []
    var alone: [AdDate: Held] = [:]
    for whole in wholes {
      let date = AdDate(whole.day)
      if daysWithParts.contains(date) {
        subtotals += 1
      } else if alone.updateValue(whole, forKey: date) != nil || daysWithParts.count >= Self.mostDays {
        throw ImportError.badFile(
          file: "\(file):\(whole.row.line)",
          rule: "the row may sum up others of ad \(date.adID) on \(date.date): export the file without subtotals")
      }
    }
    for whole in wholes where alone[AdDate(whole.day)] != nil { try pass(whole.row, whole.day, next) }
    try refuseSums()
  }

  private mutating func pass(_ row: Row, _ day: DailyMetrics, _ next: (Row) throws -> Void) throws {
    let date = AdDate(day)
    if !positions.isEmpty, daysWithParts.count < Self.mostDays { daysWithParts.insert(date) }
    if watchesSums, sums.count < Self.mostSums || sums[date] != nil { sums[date, default: DaySum()].add(day, row.line) }
    try next(row)
  }

  /// Refuses a file in which, on most days with three rows or more, one row is the sum of the others.
  private func refuseSums() throws {
    let several = sums.filter { $0.value.rows > 2 }
    let summed = several.filter { $0.value.isWholeAndParts }
    guard summed.count * 2 >= several.count,
      let (date, sum) = summed.filter({ $0.value.largest.impressions >= 10 }).min(by: { $0.value.line < $1.value.line })
    else { return }
    throw ImportError.badFile(
      file: "\(file):\(sum.line)",
      rule:
        "the row equals the sum of the other rows of ad \(date.adID) on \(date.date), so adding them up would count "
        + "everything twice: export the file without subtotals, or without breakdowns")
  }
}

/// The rows of an ad and day, as far as needed to see whether one is the sum of the others.
private struct DaySum {
  private(set) var rows = 0
  private(set) var line = 0
  private(set) var largest = (impressions: -1, clicks: 0, spend: Money.zero)
  private var impressions = 0
  private var clicks = 0
  private var spend = 0.0

  mutating func add(_ day: DailyMetrics, _ line: Int) {
    rows += 1
    impressions += day.impressions
    clicks += day.clicks
    spend += day.spend.majorUnits
    guard day.impressions > largest.impressions else { return }
    largest = (day.impressions, day.clicks, day.spend)
    self.line = line
  }

  /// Each part's spend may have been rounded to a cent.
  var isWholeAndParts: Bool {
    impressions == 2 * largest.impressions && clicks == 2 * largest.clicks
      && abs(spend - 2 * largest.spend.majorUnits) <= 0.005 * Double(rows) + 1e-6
  }
}
