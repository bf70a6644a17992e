import Accounts
import Formats
import Values

/// What a file appears to be and how it would be read, determined without an account and without writing anything.
package struct FileGuess: Sendable {
  /// One finding.
  package struct Fact: Hashable, Sendable {
    /// What it is about, such as `spend`.
    package let name: String
    /// What was found.
    package let value: String
  }

  /// What the file contains; nil where it does not look like anything that can be imported.
  package internal(set) var kind: ImportService.Kind?
  /// The findings, in a useful order.
  package internal(set) var facts: [Fact] = []
  /// What is wrong, and which options are needed, before the file can be imported.
  package internal(set) var problems: [String] = []
  /// Options of `import` that the file needs besides the given ones.
  package internal(set) var advice: [String] = []

  mutating func add(_ name: String, _ value: String) { facts.append(Fact(name: name, value: value)) }
}

extension FileGuess {
  /// Examines `file` with `options`, and with the account's currency and time zone where one is given.
  ///
  /// Throws an ``ImportError`` where the file cannot be read at all.
  package static func look(
    at file: String, _ options: ImportOptions, _ configuration: AccountConfiguration?
  ) throws -> FileGuess {
    guard FileBytes.canBeReadAgain(path: file) else {
      throw ImportError.badFile(file: file, rule: "is read twice; save it as a file")
    }
    let guesser = FileGuesser(file: file, options: options, configuration: configuration)
    return try guesser.isJSON() ? guesser.json() : guesser.table()
  }
}

/// Examines one file.
struct FileGuesser {
  let file: String
  let options: ImportOptions
  let configuration: AccountConfiguration?

  var currency: Currency? { configuration?.currency ?? options.currency }

  func isJSON() throws -> Bool {
    var first: UInt8?
    try SourceFile.forEachChunk(file, progress: { _ in }) { chunk in
      first = first ?? chunk.first { $0 > 0x20 && $0 < 0x80 }
    } finish: {
    }
    return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
  }

  func json() throws -> FileGuess {
    var guess = FileGuess()
    var elements = 0
    var isOfDeals = false
    var stream = JSONElementStream(arrayMembers: ["data", "results"])
    func element(_ element: JSONElementStream.Element) throws {
      elements += 1
      guard elements == 1, let value = try? JSONReader.read(element.bytes, { try $0.readValue() }) else { return }
      isOfDeals = value["properties"] != nil
    }
    try SourceFile.forEachChunk(file, progress: { _ in }) {
      try stream.feed($0, element)
    } finish: {
      try stream.finish(element)
    }
    guess.add("written as", "JSON")
    if isOfDeals {
      guess.kind = .hubspotDeals
      guess.add("deals", "\(elements)")
      if !file.lowercased().hasSuffix("json"), !file.lowercased().hasSuffix("jsonl") {
        guess.problems.append("deals as JSON are read from a file whose name ends in .json or .jsonl: rename it")
      }
    } else {
      guess.kind = .metaInsights
      try addDays(of: MetaInsightsSource(options: options, currency: currency), to: &guess)
    }
    return guess
  }

  func table() throws -> FileGuess {
    var guess = FileGuess()
    let survey = try TableSurvey(file: file, options: options)
    guess.add("written as", survey.written)
    let ads = survey.layout(AdsFields.all)
    let deals = survey.layout(DealColumns.fields)
    let isOfDeals = !ads.missingFields.isEmpty && deals.missingFields.count < ads.missingFields.count
    let layout = isOfDeals ? deals : ads
    let found = layout.summary
    guess.kind = found.isEmpty ? nil : isOfDeals ? .hubspotDeals : .adsCSV
    guess.add("rows", "\(survey.rows)")
    guess.add("read", found.isEmpty ? "nothing: no column is known" : found.joined(separator: ", "))
    let unread = layout.unreadColumns
    if !unread.isEmpty {
      guess.add(
        "not read",
        unread.prefix(30).joined(separator: ", ") + (unread.count > 30 ? " and \(unread.count - 30) more" : ""))
    }
    for field in layout.missingFields {
      let likely = ColumnHints.columns(like: field, among: unread)
      guess.problems.append(
        "has no column for \(field): say --map \(field)=COLUMN"
          + (likely.isEmpty ? "" : "; perhaps " + likely.map { "'\($0)'" }.joined(separator: " or ")))
    }
    if guess.kind == .adsCSV, layout.missingFields.isEmpty { try addAds(survey, layout, to: &guess) }
    return guess
  }

  private func addAds(_ survey: TableSurvey, _ layout: ColumnLayout, to guess: inout FileGuess) throws {
    var options = options
    if options.dateOrder == .iso, let order = survey.dateOrder(layout.column("date")) {
      options.dateOrder = order
      guess.advice.append("--date-format \(order.rawValue)")
      guess.add("dates", order == .dayFirst ? "the day first, then the month" : "the month first, then the day")
    }
    let stated = survey.currencies(layout)
    guess.add("currency", stated.isEmpty ? "not named" : stated.joined(separator: ", "))
    let calendar = configuration.flatMap { AccountCalendar(timezone: $0.timezone) } ?? AccountCalendar(timezone: "UTC")
    guard let calendar else { return }
    try addDays(of: AdsCSVSource(options: options, calendar: calendar, currency: currency), to: &guess)
  }

  /// Reads the file as an import would, and reports the result.
  private func addDays(of source: some RecordSource<DailyMetrics>, to guess: inout FileGuess) throws {
    var source = source
    var days = DaysFound()
    do {
      try source.read(file, progress: { _ in }) { days.add($0) }
    } catch let error as ImportError {
      guess.problems.append(error.description)
      return
    }
    guess.facts += days.facts
    if let sign = (source as? AdsCSVSource)?.decimalSign { guess.add("decimals", "a \(sign) before them") }
    if source.totalRows + source.subtotalRows > 0 {
      guess.add("left out", "\(source.totalRows) rows of totals, \(source.subtotalRows) of subtotals")
    }
    for note in source.notes { guess.add("note", note) }
    guess.problems += days.problems
    if days.repeats > 0, !options.sumsBreakdowns {
      guess.add("breakdowns", "\(days.repeats) rows are about an ad and day that another row is about")
      guess.advice.append("--sum-breakdowns")
    }
  }
}

private struct DaysFound {
  private var rows = 0
  private var dates: Set<AdDate> = []
  private var ads: Set<AdID> = []
  private var first: CalendarDay?
  private var last: CalendarDay?
  private var spend = Money.zero
  private var impressions = 0
  private var bad = 0
  private(set) var problems: [String] = []

  private static let shown = 3

  var repeats: Int { rows - dates.count }

  mutating func add(_ row: SourceRow<DailyMetrics>) {
    switch row.record {
    case .success(let day):
      rows += 1
      dates.insert(AdDate(day))
      ads.insert(day.adID)
      first = min(first ?? day.day, day.day)
      last = max(last ?? day.day, day.day)
      spend = spend.adding(day.spend) ?? spend
      impressions += day.impressions
    case .failure(let problem):
      bad += 1
      if bad <= Self.shown { problems.append(problem.description) }
    }
  }

  var facts: [FileGuess.Fact] {
    var facts = [FileGuess.Fact(name: "ads", value: "\(ads.count)")]
    if let first, let last { facts.append(FileGuess.Fact(name: "days", value: "\(first) to \(last)")) }
    facts.append(FileGuess.Fact(name: "impressions", value: "\(impressions)"))
    facts.append(FileGuess.Fact(name: "spend", value: "\(spend)"))
    if bad > 0 { facts.append(FileGuess.Fact(name: "bad rows", value: "\(bad)")) }
    return facts
  }
}
