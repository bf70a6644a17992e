import Accounts
import Values

/// Reads dates and moments in the formats of exports.
struct DateReader: Sendable {
  let order: DateOrder
  let calendar: AccountCalendar

  /// The same, with times without a zone read as UTC.
  var utc: DateReader { AccountCalendar(timezone: "UTC").map { DateReader(order: order, calendar: $0) } ?? self }

  /// What ``day(_:)`` accepts, in words.
  var dayRule: String {
    order == .iso
      ? "must be a date as YYYY-MM-DD; for others say --date-format mdy or dmy"
      : "must be a date as YYYY-MM-DD, or in the order \(order.rawValue)"
  }

  /// A date, with or without a time after it.
  ///
  /// Midnight in UTC after a date is how warehouses write the date itself, not a moment of the previous day.
  func day(_ text: String) -> CalendarDay? {
    if text.utf8.count == 10, let day = CalendarDay(text) { return day }
    if let day = dayAtMidnight(text) { return day }
    if let moment = moment(text) { return calendar.day(of: moment) }
    return yearFirst(text) ?? slashed(text)
  }

  /// The day with Excel's serial number `serial`: 1 is the first of January 1900.
  func day(serial text: String) -> CalendarDay? {
    guard let serial = Double(text), (61...2_958_465).contains(serial) else { return nil }
    return Self.serialStart.adding(days: Int(clamping: serial))
  }

  /// A moment: RFC 3339, milliseconds since 1970, or a date with or without a time in the account's time zone.
  func moment(_ text: String) -> Instant? {
    if let instant = Instant(text) { return instant }
    if let local = Instant(localTime: text) { return calendar.utc(local: local) }
    if let day = CalendarDay(text) ?? slashed(text) { return calendar.start(of: day) }
    guard text.utf8.count == 13, let milliseconds = Int64(text) else { return nil }
    return Instant(microseconds: milliseconds * 1_000)
  }

  /// Day 0 of Excel's calendar, which treats 1900 as a leap year: correct from March 1900 on.
  private static let serialStart = CalendarDay(daysSinceEpoch: -25_569)

  private func dayAtMidnight(_ text: String) -> CalendarDay? {
    guard text.utf8.count >= 19, let day = CalendarDay(String(text.prefix(10))) else { return nil }
    var time = text.dropFirst(10)
    guard time.first == "T" || time.first == " ", time.dropFirst().hasPrefix("00:00:00") else { return nil }
    time = time.dropFirst(9)
    if time.first == "." { time = time.dropFirst().drop { $0 == "0" } }
    return ["", "Z", "+00:00", "+0000", " UTC"].contains(time) ? day : nil
  }

  /// `2026/08/02`, `2026.8.2`, `2026年8月2日`, `20260802`: with the year first, month and day have only one order.
  private func yearFirst(_ text: String) -> CalendarDay? {
    if text.utf8.count == 8, let number = Int(text), (19_000_101...29_991_231).contains(number) {
      return CalendarDay(year: number / 10_000, month: number / 100 % 100, day: number % 100)
    }
    var parts: [Int] = []
    var digits = ""
    var rest = text.unicodeScalars[...]
    while parts.count < 3, let scalar = rest.first {
      if ("0"..."9").contains(scalar) {
        digits.unicodeScalars.append(scalar)
        guard digits.utf8.count <= (parts.isEmpty ? 4 : 2) else { return nil }
      } else if let part = Int(digits), Self.dateMarks.contains(scalar) {
        guard !parts.isEmpty || digits.utf8.count == 4 else { return nil }
        parts.append(part)
        digits = ""
        if parts.count == 3 { break }
      } else if !(digits.isEmpty && scalar == " ") {
        return nil
      }
      rest.removeFirst()
    }
    if parts.count == 2, let part = Int(digits) { parts.append(part) }
    let time = rest.drop { Self.dateMarks.contains($0) || digits.isEmpty && $0 == " " }
    guard parts.count == 3, time.isEmpty || time.contains(":") && time.allSatisfy(Self.isOfTime) else { return nil }
    return CalendarDay(year: parts[0], month: parts[1], day: parts[2])
  }

  private static func isOfTime(_ scalar: UnicodeScalar) -> Bool {
    ("0"..."9").contains(scalar) || scalar == ":" || scalar == "."
  }

  private static let dateMarks: Set<UnicodeScalar> = [
    "/", ".", "-", " ", "T", "年", "月", "日", "년", "월", "일",
  ]

  private func slashed(_ text: String) -> CalendarDay? {
    guard order != .iso else { return nil }
    let date = text.prefix { $0 != " " }
    let parts = date.split { "/.-".contains($0) }.compactMap { Int($0) }
    guard parts.count == 3, parts[2] >= 1000 else { return nil }
    let (month, day) = order == .monthFirst ? (parts[0], parts[1]) : (parts[1], parts[0])
    return CalendarDay(year: parts[2], month: month, day: day)
  }
}
