import Values

/// What a table shows before anything is known about its columns.
struct TableSurvey {
  private let options: ImportOptions
  private let form: TableForm
  private var header: [String] = []
  private(set) var rows = 0
  /// The first rows, for examining dates and currencies.
  private var sample: [[String]] = []

  private static let sampleRows = 2_000

  /// Throws an ``ImportError`` where the file cannot be read.
  init(file: String, options: ImportOptions) throws {
    self.options = options
    var plain = options
    plain.mapping = ColumnMapping()
    var table = TableRows(file: file, fields: [], options: plain, currency: nil)
    var header: [String] = []
    var rows = 0
    var sample: [[String]] = []
    try table.read(progress: { _ in }) {
      header = $0.header
    } row: { cells in
      rows += 1
      if sample.count < Self.sampleRows, cells.problem == nil { sample.append(cells.cells) }
    }
    form = table.form
    (self.header, self.rows, self.sample) = (header, rows, sample)
  }

  func layout(_ fields: [ImportField]) -> ColumnLayout {
    ColumnLayout(header: header, fields: fields, mapping: options.mapping)
  }

  /// The file's format, in words.
  var written: String {
    if !form.sheets.isEmpty { return "\(form.name) with the sheets \(form.sheets.joined(separator: ", "))" }
    guard let separator = form.separator else { return form.name }
    let name = separator == UInt8(ascii: "\t") ? "tabs" : "'\(Character(UnicodeScalar(separator)))'"
    return "\(form.name), cells separated by \(name)"
  }

  /// The currencies that the file names.
  func currencies(_ layout: ColumnLayout) -> [String] {
    let amounts = Set(layout.numberColumns.lazy.filter { $0.kind == .amount }.map(\.position))
    var names = layout.header.enumerated().compactMap { position, name in
      HeaderText.unit(name).flatMap { CurrencySigns.stated($0, ofAmount: amounts.contains(position))?.text }
    }
    if let position = layout.column("currency").position { names += sample.map { $0[position].trimmed } }
    return Set(names.filter { !$0.isEmpty }).sorted()
  }

  /// The order of dates such as 3/4/2026, where one has a number that cannot be a month.
  func dateOrder(_ column: Column) -> DateOrder? {
    guard let position = column.position else { return nil }
    for row in sample {
      let parts = row[position].trimmed.prefix { $0 != " " }.split { "/.-".contains($0) }.map { Int($0) }
      guard parts.count == 3, let first = parts[0], let second = parts[1], let year = parts[2], year >= 1000 else {
        continue
      }
      if (13...31).contains(first) { return .dayFirst }
      if (13...31).contains(second) { return .monthFirst }
    }
    return nil
  }
}

/// Words that may identify a column without a known name.
enum ColumnHints {
  static func columns(like field: String, among columns: [String]) -> [String] {
    let words = words[field] ?? []
    return Array(
      columns.filter { column in
        let name = HeaderText.folded(column)
        return words.contains { name.contains($0) }
      }.prefix(3))
  }

  private static let words: [String: [String]] = [
    "ad_id": ["ad ", "advert", "creative", "anzeige", "id"], "date": ["date", "day", "datum", "when"],
    "impressions": ["impr", "views", "shown"], "clicks": ["click", "klick", "clic"],
    "spend": ["spen", "cost", "amount", "betrag", "budget"], "deal_id": ["id", "deal"], "stage": ["stage", "status"],
  ]
}
