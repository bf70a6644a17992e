/// An exact amount of money, counted in millionths of the currency's major unit.
///
/// Six decimals hold every figure that ad platforms and CRMs report, and a sum of such amounts is exact.
/// The currency is kept beside the amount, once for each ad account.
public struct Money: Hashable, Comparable, Sendable {
  /// The largest amount accepted from outside, in major units: one thousand million.
  public static let largestInput = 1_000_000_000

  /// No money.
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
    micros = Int64((majorUnits * 1_000_000).rounded(.toNearestOrAwayFromZero))
  }

  /// Reads a plain decimal such as `-12`, `12.3` or `1.429999948`; digits beyond the sixth decimal round half up.
  ///
  /// Returns nil for anything else and for amounts beyond ±``largestInput``.
  public init?(decimal text: some StringProtocol) {
    guard let micros = DecimalText.micros(text.utf8, limit: Int64(Self.largestInput)) else { return nil }
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

/// The digits of a decimal number, read without passing through binary floating point.
private enum DecimalText {
  static func micros(_ text: some Collection<UInt8>, limit: Int64) -> Int64? {
    var rest = text[...]
    let negative = rest.first == UInt8(ascii: "-")
    if negative { rest = rest.dropFirst() }
    guard let whole = wholePart(&rest, limit: limit), let fraction = fractionPart(&rest), rest.isEmpty
    else { return nil }
    let micros = whole * 1_000_000 + fraction
    guard micros <= limit * 1_000_000 else { return nil }
    return negative ? -micros : micros
  }

  private static func wholePart<C: Collection<UInt8>>(_ text: inout C, limit: Int64) -> Int64?
  where C.SubSequence == C {
    var value: Int64 = 0
    var digits = 0
    while let digit = text.first.flatMap(digitValue) {
      value = value * 10 + digit
      guard value <= limit else { return nil }
      digits += 1
      text = text.dropFirst()
    }
    return digits > 0 ? value : nil
  }

  private static func fractionPart<C: Collection<UInt8>>(_ text: inout C) -> Int64?
  where C.SubSequence == C {
    guard text.first == UInt8(ascii: ".") else { return 0 }
    text = text.dropFirst()
    var value: Int64 = 0
    var digits = 0
    var roundsUp = false
    while let digit = text.first.flatMap(digitValue) {
      if digits < 6 { value = value * 10 + digit }
      if digits == 6 { roundsUp = digit >= 5 }
      digits += 1
      text = text.dropFirst()
    }
    guard digits > 0 else { return nil }
    for _ in 0..<max(0, 6 - digits) { value *= 10 }
    return value + (roundsUp ? 1 : 0)
  }

  private static func digitValue(_ byte: UInt8) -> Int64? {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") ? Int64(byte - UInt8(ascii: "0")) : nil
  }
}
