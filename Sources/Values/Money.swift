/// An exact amount of money, counted in millionths of the currency's major unit.
///
/// Six decimals hold every figure that ad platforms and CRMs report, and a sum of such amounts is exact.
/// The currency is kept beside the amount, once for each ad account.
public struct Money: Hashable, Comparable, Sendable {
  /// The largest amount accepted from outside, in major units: one thousand million.
  public static let largestInput = 1_000_000_000

  public static let zero = Money(micros: 0)

  /// Millionths of the major unit.
  public let micros: Int64

  /// Makes an amount from millionths of the major unit.
  public init(micros: Int64) {
    self.micros = micros
  }

  /// Makes an amount from whole minor units (cents) of `currency`.
  public init(minorUnits: Int64, of currency: Currency) {
    micros = minorUnits * (1_000_000 / currency.minorUnitsPerMajor)
  }

  /// Rounds major units to the nearest millionth, halves away from zero.
  ///
  /// Returns nil unless the amount is finite and within ±``largestInput``.
  public init?(rounding majorUnits: Double) {
    guard majorUnits.isFinite, abs(majorUnits) <= Double(Self.largestInput) else { return nil }
    micros = Int64(clamping: (majorUnits * 1_000_000).rounded(.toNearestOrAwayFromZero))
  }

  /// Reads a plain decimal such as `-12`, `12.3` or `1.429999948`; digits beyond the sixth decimal round half up.
  ///
  /// Returns nil for anything else and for amounts beyond ±``largestInput``.
  public init?(decimal text: String) {
    var text = text
    guard let micros = text.withUTF8({ DecimalText($0).micros(limit: Int64(Self.largestInput)) }) else { return nil }
    self.micros = micros
  }

  /// The amount in major units, as the nearest binary floating-point number.
  public var majorUnits: Double { Double(micros) / 1_000_000 }

  /// The amount as whole minor units of `currency`, or nil where it has a smaller fraction.
  public func wholeMinorUnits(of currency: Currency) -> Int64? {
    let step = 1_000_000 / currency.minorUnitsPerMajor
    return micros.isMultiple(of: step) ? micros / step : nil
  }

  /// The sum of two amounts; nil where it does not fit.
  public func adding(_ other: Money) -> Money? {
    let (sum, overflow) = micros.addingReportingOverflow(other.micros)
    return overflow ? nil : Money(micros: sum)
  }

  /// This amount minus `other`, which may be negative; nil where it does not fit.
  public func subtracting(_ other: Money) -> Money? {
    let (rest, overflow) = micros.subtractingReportingOverflow(other.micros)
    return overflow ? nil : Money(micros: rest)
  }

  /// Orders amounts of the same currency.
  public static func < (left: Money, right: Money) -> Bool { left.micros < right.micros }
}

extension Money: CustomStringConvertible {
  /// The exact decimal, with at least two and at most six places: `12.00`, `1.4295`.
  public var description: String {
    let magnitude = micros.magnitude
    let (whole, fraction) = magnitude.quotientAndRemainder(dividingBy: 1_000_000)
    var digits = String(fraction + 1_000_000).dropFirst()
    while digits.count > 2, digits.last == "0" { digits.removeLast() }
    return (micros < 0 ? "-" : "") + "\(whole).\(digits)"
  }
}

/// A cursor over the characters of a decimal number, which never passes through binary floating point.
private struct DecimalText {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
  }

  /// The number in millionths; nil where the text is not a number, or the number is beyond ±`limit` whole units.
  consuming func micros(limit: Int64) -> Int64? {
    let isNegative = bytes.first == UInt8(ascii: "-")
    if isNegative { position = 1 }
    guard let whole = wholePart(limit: limit), let fraction = fractionPart(), position == bytes.count
    else { return nil }
    let micros = whole * 1_000_000 + fraction
    guard micros <= limit * 1_000_000 else { return nil }
    return isNegative ? -micros : micros
  }

  private mutating func wholePart(limit: Int64) -> Int64? {
    var value: Int64 = 0
    let start = position
    while let digit = nextDigit() {
      value = value * 10 + digit
      guard value <= limit else { return nil }
    }
    return position > start ? value : nil
  }

  private mutating func fractionPart() -> Int64? {
    guard position < bytes.count, bytes[position] == UInt8(ascii: ".") else { return 0 }
    position += 1
    var value: Int64 = 0
    var roundsUp = false
    let start = position
    while let digit = nextDigit() {
      let place = position - start
      if place <= 6 { value = value * 10 + digit }
      if place == 7 { roundsUp = digit >= 5 }
    }
    guard position > start else { return nil }
    for _ in 0..<max(0, 6 - (position - start)) { value *= 10 }
    return value + (roundsUp ? 1 : 0)
  }

  private mutating func nextDigit() -> Int64? {
    guard position < bytes.count else { return nil }
    let digit = bytes[position] &- UInt8(ascii: "0")
    guard digit < 10 else { return nil }
    position += 1
    return Int64(digit)
  }
}
