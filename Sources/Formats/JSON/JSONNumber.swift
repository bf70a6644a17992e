import Values

/// One number found in a JSON text: where it is, and its value as `mantissa * 10^exponent`.
struct JSONNumber {
  let start: Int
  var end: Int
  var isNegative = false
  /// All digits as one integer. Meaningless when there are more digits than fit.
  var mantissa: UInt64 = 0
  var digitCount = 0
  var exponent = 0

  /// The most digits that always fit into the mantissa.
  private static let mantissaDigits = 19
  /// Larger than any exponent that the digits of a text in memory could offset.
  private static let exponentCeiling = 1 << 48

  /// Scans the number starting at `start`; nil where RFC 8259 does not allow its form.
  init?(_ bytes: UnsafeRawBufferPointer, at start: Int) {
    self.start = start
    end = start
    if end < bytes.count, bytes[end] == ASCII.minus {
      isNegative = true
      end += 1
    }
    guard scanWhole(bytes), scanFraction(bytes), scanExponent(bytes) else { return nil }
  }

  @inline(__always)
  private mutating func scanWhole(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let first = end
    scanDigits(bytes)
    guard end > first else { return false }
    return end == first + 1 || bytes[first] != ASCII.zero
  }

  @inline(__always)
  private mutating func scanFraction(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard end < bytes.count, bytes[end] == ASCII.dot else { return true }
    end += 1
    let first = end
    scanDigits(bytes)
    exponent = first - end
    return end > first
  }

  @inline(__always)
  private mutating func scanDigits(_ bytes: UnsafeRawBufferPointer) {
    let first = end
    while end < bytes.count {
      let digit = bytes[end] &- ASCII.zero
      guard digit < 10 else { break }
      mantissa = mantissa &* 10 &+ UInt64(digit)
      end += 1
    }
    digitCount += end - first
  }

  @inline(__always)
  private mutating func scanExponent(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard end < bytes.count, bytes[end] | 0x20 == UInt8(ascii: "e") else { return true }
    end += 1
    var isDown = false
    if end < bytes.count, bytes[end] == ASCII.plus || bytes[end] == ASCII.minus {
      isDown = bytes[end] == ASCII.minus
      end += 1
    }
    let first = end
    var value = 0
    while end < bytes.count {
      let digit = bytes[end] &- ASCII.zero
      guard digit < 10 else { break }
      if value < Self.exponentCeiling { value = value * 10 + Int(digit) }
      end += 1
    }
    exponent += isDown ? -value : value
    return end > first
  }

  /// The nearest double, where one multiplication or division of exact doubles gives it.
  ///
  /// Both operands are exact below 2^53 and up to 10^22, so the result is rounded once, correctly.
  @inline(__always)
  var exactDouble: Double? {
    guard digitCount <= Self.mantissaDigits, mantissa <= 1 << 53 else { return nil }
    guard exponent >= -22, exponent <= 22 else { return nil }
    let magnitude = Double(mantissa)
    let value = exponent < 0 ? magnitude / powersOfTen[-exponent] : magnitude * powersOfTen[exponent]
    return isNegative ? -value : value
  }

  /// The value of a number that consists of at most 18 digits.
  @inline(__always)
  var exactInteger: Int64? {
    guard exponent == 0, digitCount < Self.mantissaDigits else { return nil }
    let magnitude = Int64(mantissa)
    return isNegative ? -magnitude : magnitude
  }
}

/// The powers of ten that a double represents exactly.
private let powersOfTen: [Double] = [
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
]

extension JSONReader {
  @inline(__always)
  mutating func scanNumber() throws(JSONError) -> JSONNumber {
    guard let number = JSONNumber(bytes, at: position) else { throw error(.invalidNumber) }
    position = number.end
    return number
  }

  /// The value of an integer in any notation, digit by digit.
  func wholeValue(of number: JSONNumber) throws(JSONError) -> Int64 {
    let outOfRange = JSONError(offset: number.start, rule: .numberOutOfRange)
    var digits = significantDigits(of: number)
    guard !digits.isEmpty else { return 0 }
    var exponent = number.exponent
    while digits.last == 0 {
      digits.removeLast()
      exponent += 1
    }
    guard exponent >= 0 else {
      let rule = JSONError.Rule.typeMismatch(expected: "integer", found: "number with a fraction")
      throw JSONError(offset: number.start, rule: rule)
    }
    // No 64-bit integer has more than 19 digits, and 19 digits always fit into 64 unsigned bits.
    guard digits.count + exponent <= 19 else { throw outOfRange }
    digits.append(contentsOf: repeatElement(0, count: exponent))
    let magnitude = digits.reduce(into: UInt64(0)) { $0 = $0 * 10 + UInt64($1) }
    if number.isNegative, magnitude == Int64.min.magnitude { return .min }
    guard let value = Int64(exactly: magnitude) else { throw outOfRange }
    return number.isNegative ? -value : value
  }

  /// The digits before the exponent, starting with the first that is not zero.
  private func significantDigits(of number: JSONNumber) -> [UInt8] {
    bytes[number.start..<number.end]
      .prefix { $0 | 0x20 != UInt8(ascii: "e") }
      .map { $0 &- ASCII.zero }
      .filter { $0 < 10 }
      .drop { $0 == 0 }
      .map { $0 }
  }
}
