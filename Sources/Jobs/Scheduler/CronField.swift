import Values

/// One field of a cron expression: the numbers it allows, as a bit set.
struct CronField: Hashable {
  /// The values that a field may have.
  struct Kind {
    let name: String
    let range: ClosedRange<Int>
    /// Names for numbers, the first for the lowest number of the range.
    var names: [String] = []
    /// An alternative for the lowest number: 7 for Sunday.
    var alias: Int?

    static let minute = Kind(name: "minute", range: 0...59)
    static let hour = Kind(name: "hour", range: 0...23)
    static let dayOfMonth = Kind(name: "day of the month", range: 1...31)
    static let month = Kind(
      name: "month", range: 1...12,
      names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])
    static let dayOfWeek = Kind(
      name: "day of the week", range: 0...6, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"], alias: 7)
  }

  private var bits: UInt64 = 0

  /// Whether the field begins with `*`, so that the other day field alone decides.
  let isOpen: Bool

  init(_ text: Substring, _ kind: Kind) throws(CronError) {
    isOpen = text.hasPrefix("*")
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let (numbers, step) = try Self.numbers(part, kind)
      for number in stride(from: numbers.lowerBound, through: numbers.upperBound, by: step) {
        bits |= 1 << UInt64(number == kind.alias ? kind.range.lowerBound : number)
      }
    }
  }

  /// Whether the field allows `number`.
  func contains(_ number: Int) -> Bool { bits >> UInt64(number) & 1 == 1 }

  /// The lowest allowed number that is at least `start`.
  func first(from start: Int) -> Int? {
    guard start < 64 else { return nil }
    let rest = bits >> UInt64(start)
    return rest == 0 ? nil : start + rest.trailingZeroBitCount
  }

  /// Parses the range and step of one element of a list.
  private static func numbers(_ part: Substring, _ kind: Kind) throws(CronError) -> (ClosedRange<Int>, step: Int) {
    let pieces = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    var step = 1
    if pieces.count == 2 {
      guard let number = plainNumber(pieces[1]), number >= 1, number <= kind.range.upperBound else {
        throw .badField(
          kind.name, String(part), "a step must be a number from 1 to \(kind.range.upperBound)")
      }
      step = number
    }
    let ends = pieces[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    if pieces[0] == "*" { return (kind.range, step) }
    let first = try number(ends[0], of: part, kind)
    if ends.count == 1 { return (pieces.count == 2 ? first...max(first, kind.range.upperBound) : first...first, step) }
    let last = try number(ends[1], of: part, kind)
    guard first <= last else { throw .badField(kind.name, String(part), "a range must go from lower to higher") }
    return (first...last, step)
  }

  private static func number(_ text: Substring, of part: Substring, _ kind: Kind) throws(CronError) -> Int {
    if let index = kind.names.firstIndex(of: text.lowercased()) { return kind.range.lowerBound + index }
    guard let number = plainNumber(text), kind.range.contains(number) || number == kind.alias else {
      let names = kind.names.isEmpty ? "" : " or names such as \(kind.names[1])"
      throw .badField(
        kind.name, String(part), "numbers must be \(kind.range.lowerBound) to \(kind.range.upperBound)\(names)")
    }
    return number
  }

  /// Digits without a sign.
  private static func plainNumber(_ text: Substring) -> Int? {
    guard (1...2).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(text)
  }
}

/// What is wrong with a cron expression.
public enum CronError: Error, Hashable, Sendable, CustomStringConvertible {
  /// There are not five fields.
  case fieldCount(Int)
  /// A field cannot be read: its name, the part of it, and the rule.
  case badField(String, String, String)
  /// No day matches, such as 30 February.
  case never(String)

  /// What is wrong and what is right.
  public var description: String {
    switch self {
    case .fieldCount(let count):
      "a cron expression has 5 fields (minute, hour, day of the month, month, day of the week), not \(count)"
    case .badField(let field, let part, let rule): "\"\(part)\" is not a valid \(field): \(rule)"
    case .never(let text): "\"\(text)\" never occurs: no month it names has such a day"
    }
  }
}
