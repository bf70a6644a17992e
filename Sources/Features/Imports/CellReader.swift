import Values

/// Reads one row's cells and says of a bad one where it stands and what it must be.
struct CellReader {
  let file: String
  let line: Int
  let layout: ColumnLayout
  let cells: [String]

  /// The cell's text without blanks around it; nil where it is empty or the file has no such column.
  func text(_ field: String) -> String? {
    guard let position = layout.position(of: field) else { return nil }
    let text = cells[position]
    guard let first = text.utf8.first, let last = text.utf8.last else { return nil }
    guard first <= 0x20 || last <= 0x20 || first >= 0x80 else { return text }
    let trimmed = text.trimmed
    return trimmed.isEmpty ? nil : trimmed
  }

  func requiredText(_ field: String) throws(RowProblem) -> String {
    guard let text = text(field) else { throw problem(field, "", "must not be empty") }
    return text
  }

  func adID(_ field: String) throws(RowProblem) -> AdID? {
    guard let text = text(field) else { return nil }
    guard let adID = AdID(text) else { throw problem(field, text, "must be \(AdID.rule)") }
    return adID
  }

  /// A whole number, 0 or more; an empty cell is nil.
  func count(_ field: String) throws(RowProblem) -> Int? {
    guard let text = text(field) else { return nil }
    if let number = Int(text) { return number }
    guard let number = decimal(text), number.micros.isMultiple(of: 1_000_000) else {
      throw problem(field, text, "must be a whole number")
    }
    return Int(number.micros / 1_000_000)
  }

  /// An amount in major units; an empty cell is nil.
  func amount(_ field: String) throws(RowProblem) -> Money? {
    guard let text = text(field) else { return nil }
    guard let amount = decimal(text) else {
      throw problem(field, text, "must be a number such as 1234.56, at most \(Money.largestInput)")
    }
    return amount
  }

  /// A ratio or mean, 0 or more; an empty cell is nil.
  func number(_ field: String) throws(RowProblem) -> Double? {
    guard let text = text(field) else { return nil }
    guard let number = Double(text), number.isFinite, number >= 0 else {
      throw problem(field, text, "must be a number, 0 or more")
    }
    return number
  }

  func problem(_ field: String, _ value: String, _ rule: String) -> RowProblem {
    RowProblem(file: file, line: line, column: layout.column(of: field), value: value, rule: rule)
  }

  /// A decimal, with or without commas between thousands.
  private func decimal(_ text: String) -> Money? {
    Money(decimal: text) ?? Self.withoutThousands(text).flatMap { Money(decimal: $0) }
  }

  private static func withoutThousands(_ text: String) -> String? {
    let whole = text.prefix { $0 != "." }
    let groups = whole.split(separator: ",", omittingEmptySubsequences: false)
    guard groups.count > 1, (1...4).contains(groups[0].utf8.count),
      groups.dropFirst().allSatisfy({ $0.utf8.count == 3 })
    else { return nil }
    return groups.joined() + text.dropFirst(whole.count)
  }
}

/// Reads dates and moments in the ways that exports write them.
struct DateReader: Sendable {
  let order: DateOrder
  let calendar: AccountCalendar

  /// The same with times without a zone taken as UTC.
  var utc: DateReader { AccountCalendar(timezone: "UTC").map { DateReader(order: order, calendar: $0) } ?? self }

  /// What ``day(_:)`` takes, in words.
  var dayRule: String {
    order == .iso
      ? "must be a date as YYYY-MM-DD; for others say --date-format mdy or dmy"
      : "must be a date as YYYY-MM-DD, or in the order \(order.rawValue)"
  }

  /// A date, with or without a time behind it.
  func day(_ text: String) -> CalendarDay? {
    if text.utf8.count == 10, let day = CalendarDay(text) { return day }
    if let moment = moment(text) { return calendar.day(of: moment) }
    return slashed(text)
  }

  /// A moment: RFC 3339, milliseconds since 1970, or a date with or without a time by the account's clocks.
  func moment(_ text: String) -> Instant? {
    if let instant = Instant(text) { return instant }
    if let local = Instant(localTime: text) { return calendar.utc(local: local) }
    if let day = CalendarDay(text) ?? slashed(text) { return calendar.start(of: day) }
    guard text.utf8.count == 13, let milliseconds = Int64(text) else { return nil }
    return Instant(microseconds: milliseconds * 1_000)
  }

  private func slashed(_ text: String) -> CalendarDay? {
    guard order != .iso else { return nil }
    let date = text.prefix { $0 != " " }
    let parts = date.split { "/.-".contains($0) }.compactMap { Int($0) }
    guard parts.count == 3, parts[2] >= 1000 else { return nil }
    let (month, day) = order == .monthFirst ? (parts[0], parts[1]) : (parts[1], parts[0])
    return CalendarDay(year: parts[2], month: month, day: day)
  }
}
