/// A moment in UTC, to the microsecond.
public struct Instant: Hashable, Comparable, Sendable {
  /// Microseconds since 1970-01-01T00:00:00Z.
  public let microseconds: Int64

  /// Makes the moment that lies `microseconds` after 1970-01-01T00:00:00Z.
  public init(microseconds: Int64) {
    self.microseconds = microseconds
  }

  /// Makes the moment that lies `seconds` after 1970-01-01T00:00:00Z.
  public init(seconds: Int64) {
    microseconds = seconds * 1_000_000
  }

  /// Makes the first moment of `day` in UTC.
  public init(startOf day: CalendarDay) {
    self.init(seconds: Int64(day.daysSinceEpoch) * 86_400)
  }

  /// Reads an RFC 3339 instant such as `2026-11-01T10:00:00.250Z` or `2026-11-01T10:00:00+01:00`.
  ///
  /// The offset may lack its colon, as Meta writes it, and a space may replace the `T`.
  /// Returns nil without an offset, because such a time is not a definite moment.
  public init?(_ text: String) {
    var text = text
    let microseconds = text.withUTF8 { bytes -> Int64? in
      var parser = InstantText(bytes)
      guard let local = parser.localTime(), let offset = parser.offsetSeconds(), parser.isAtEnd else { return nil }
      return local - Int64(offset) * 1_000_000
    }
    guard let microseconds else { return nil }
    self.init(microseconds: microseconds)
  }

  /// Reads a date and time without an offset, such as `2026-11-01 10:00:00` or `2026-11-01T10:00`, as if it were UTC.
  ///
  /// The caller knows the zone and shifts the result by its offset. Returns nil for anything else.
  public init?(localTime text: String) {
    var text = text
    let microseconds = text.withUTF8 { bytes -> Int64? in
      var parser = InstantText(bytes)
      return parser.localTime().flatMap { parser.isAtEnd ? $0 : nil }
    }
    guard let microseconds else { return nil }
    self.init(microseconds: microseconds)
  }

  /// The UTC day that holds this moment.
  public var utcDay: CalendarDay {
    CalendarDay(daysSinceEpoch: Int((seconds >= 0 ? seconds : seconds - 86_399) / 86_400))
  }

  /// Whole seconds since 1970, rounded down.
  public var seconds: Int64 {
    let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    return remainder < 0 ? quotient - 1 : quotient
  }

  /// Hours from `earlier` to this moment, negative where `earlier` is later.
  public func hours(since earlier: Instant) -> Double {
    Double(microseconds - earlier.microseconds) / 3_600_000_000
  }

  /// The moment `seconds` later.
  public func adding(seconds: Int64) -> Instant {
    Instant(microseconds: microseconds + seconds * 1_000_000)
  }

  /// Orders moments in time.
  public static func < (left: Instant, right: Instant) -> Bool { left.microseconds < right.microseconds }
}

extension Instant: CustomStringConvertible {
  /// RFC 3339 in UTC, with as many decimals of the second (0, 3 or 6) as the moment has.
  public var description: String {
    let second = Int(seconds - Int64(utcDay.daysSinceEpoch) * 86_400)
    let fraction = Int(microseconds - seconds * 1_000_000)
    var text = "\(utcDay)T\(Digits.padded(second / 3_600, 2)):\(Digits.padded(second / 60 % 60, 2))"
    text += ":\(Digits.padded(second % 60, 2))"
    if fraction > 0 {
      text += "."
      text += fraction.isMultiple(of: 1_000) ? Digits.padded(fraction / 1_000, 3) : Digits.padded(fraction, 6)
    }
    return text + "Z"
  }
}

/// A cursor over the characters of a date and time.
private struct InstantText {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
  }

  var isAtEnd: Bool { position == bytes.count }

  /// Microseconds since 1970 of the date and time, ignoring the zone.
  mutating func localTime() -> Int64? {
    guard bytes.count >= 16, let day = CalendarDay(String(decoding: bytes[0..<10], as: UTF8.self)) else { return nil }
    position = 10
    guard take(oneOf: "Tt ") != nil, let hour = twoDigits(upTo: 23), take(oneOf: ":") != nil,
      let minute = twoDigits(upTo: 59)
    else { return nil }
    var seconds = Int64(day.daysSinceEpoch) * 86_400 + Int64(hour * 3_600 + minute * 60)
    var fraction: Int64 = 0
    if take(oneOf: ":") != nil {
      guard let second = twoDigits(upTo: 59) else { return nil }
      seconds += Int64(second)
      if take(oneOf: ".") != nil {
        guard let micros = fractionMicros() else { return nil }
        fraction = micros
      }
    }
    return seconds * 1_000_000 + fraction
  }

  /// Seconds east of UTC.
  mutating func offsetSeconds() -> Int? {
    guard let sign = take(oneOf: "Zz+-") else { return nil }
    if sign == UInt8(ascii: "Z") || sign == UInt8(ascii: "z") { return 0 }
    guard let hours = twoDigits(upTo: 23) else { return nil }
    _ = take(oneOf: ":")
    guard let minutes = twoDigits(upTo: 59) else { return nil }
    return (hours * 3_600 + minutes * 60) * (sign == UInt8(ascii: "-") ? -1 : 1)
  }

  private mutating func fractionMicros() -> Int64? {
    var value: Int64 = 0
    var digits = 0
    while position < bytes.count, let digit = Digits.number(bytes[position..<position + 1]) {
      if digits < 6 { value = value * 10 + Int64(digit) }
      digits += 1
      position += 1
    }
    guard digits > 0 else { return nil }
    for _ in 0..<max(0, 6 - digits) { value *= 10 }
    return value
  }

  private mutating func twoDigits(upTo limit: Int) -> Int? {
    guard position + 2 <= bytes.count, let value = Digits.number(bytes[position..<position + 2]), value <= limit
    else { return nil }
    position += 2
    return value
  }

  private mutating func take(oneOf characters: StaticString) -> UInt8? {
    guard position < bytes.count else { return nil }
    let byte = bytes[position]
    let allowed = UnsafeBufferPointer(start: characters.utf8Start, count: characters.utf8CodeUnitCount)
    guard allowed.contains(byte) else { return nil }
    position += 1
    return byte
  }
}
