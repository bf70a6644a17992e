import Values

/// Hours of the week in an account's local time, such as `mon-fri 8-12 14-20, sat 10-14`.
package struct WeekHours: Hashable, Sendable, CustomStringConvertible {
  /// The syntax, in words.
  package static let rule =
    "must be always, or days and hours such as mon-fri 8-20, sat 10-14; hours are 0 to 24, the end not included"

  /// Every hour.
  package static let always = WeekHours(days: Array(repeating: allHours, count: 7))

  /// The three letters of each day, Monday first.
  private static let dayNames = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
  private static let allHours: UInt32 = (1 << 24) - 1

  /// For each day, Monday first, a bit for each hour.
  private let days: [UInt32]

  private init(days: [UInt32]) { self.days = days }

  /// Reads `always`, or comma-separated entries of days (`mon`, `mon-fri`, `daily`) and their hours (`8-20`); entries
  /// add up. Returns nil for anything else, and where no hour is left.
  package init?(_ text: String) {
    guard text.utf8.count <= 500 else { return nil }
    if text == "always" {
      self = .always
      return
    }
    var days = Array(repeating: UInt32(0), count: 7)
    for entry in text.split(separator: ",", omittingEmptySubsequences: false) {
      let words = entry.split(separator: " ")
      guard words.count > 1, let range = Self.dayRange(words[0]) else { return nil }
      for word in words.dropFirst() {
        guard let hours = Self.hours(word) else { return nil }
        for day in range { days[day] |= hours }
      }
    }
    guard days.contains(where: { $0 != 0 }) else { return nil }
    self.days = days
  }

  /// Whether the hour (0 to 23) of the day (0 for Monday to 6) is one of them.
  package func contains(day: Int, hour: Int) -> Bool {
    guard days.indices.contains(day), (0..<24).contains(hour) else { return false }
    return days[day] >> UInt32(hour) & 1 == 1
  }

  private static func dayRange(_ word: Substring) -> ClosedRange<Int>? {
    if word == "daily" { return 0...6 }
    let ends = word.split(separator: "-", omittingEmptySubsequences: false).map { dayNames.firstIndex(of: String($0)) }
    guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first <= last else {
      return nil
    }
    return first...last
  }

  private static func hours(_ word: Substring) -> UInt32? {
    let ends = word.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard ends.count == 2, let first = ends[0], let end = ends[1], 0 <= first, first < end, end <= 24 else {
      return nil
    }
    return (first..<end).reduce(0) { $0 | 1 << UInt32($1) }
  }

  /// The shortest text that is read back as the same hours.
  package var description: String {
    if self == .always { return "always" }
    var entries: [String] = []
    var first = 0
    while first < 7 {
      let last = (first..<7).prefix { days[$0] == days[first] }.last ?? first
      if days[first] != 0 { entries.append("\(Self.name(first...last)) \(Self.text(days[first]))") }
      first = last + 1
    }
    return entries.joined(separator: ", ")
  }

  private static func name(_ days: ClosedRange<Int>) -> String {
    if days == 0...6 { return "daily" }
    let (first, last) = (dayNames[days.lowerBound], dayNames[days.upperBound])
    return first == last ? first : "\(first)-\(last)"
  }

  private static func text(_ hours: UInt32) -> String {
    var ranges: [String] = []
    var hour = 0
    while hour < 24 {
      var end = hour
      while end < 24, hours >> UInt32(end) & 1 == 1 { end += 1 }
      if end > hour { ranges.append("\(hour)-\(end)") }
      hour = end + 1
    }
    return ranges.joined(separator: " ")
  }
}
