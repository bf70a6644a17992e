import Storage
import Values

/// PostgreSQL's NUMERIC in binary format: base-10,000 digits after a header of four 16-bit numbers.
///
/// Source: PostgreSQL, `src/backend/utils/adt/numeric.c`, `numeric_recv` and `numeric_send`.
struct WireNumeric: Equatable {
  /// The number of digits before the decimal point, minus one; negative where the first digit comes after it.
  var weight: Int
  /// Whether the number is negative.
  var isNegative: Bool
  /// The number of decimal places that the number is written with.
  var scale: Int
  /// Digits from 0 to 9,999, the most significant first.
  var digits: [UInt16]

  private static let negative: UInt16 = 0x4000
  private static let base: UInt64 = 10_000

  /// An amount of money with its six decimals.
  init(_ amount: Money) {
    let (whole, fraction) = amount.micros.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
    var digits: [UInt16] = []
    var rest = whole
    while rest > 0 {
      digits.append(UInt16(rest % Self.base))
      rest /= Self.base
    }
    weight = digits.count - 1
    digits.reverse()
    // Two base-10,000 digits have four decimals each: the last two decimals are beyond a millionth.
    digits.append(UInt16(fraction / 100))
    digits.append(UInt16(fraction % 100 * 100))
    self.digits = digits
    isNegative = amount.micros < 0
    scale = 6
  }

  /// Reads the binary format; nil where it is damaged, or not a finite number.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= 8, bytes.count.isMultiple(of: 2) else { return nil }
    let words = (0..<(bytes.count / 2)).map {
      UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: $0 * 2, as: UInt16.self))
    }
    guard words.count == 4 + Int(words[0]), words[2] == 0 || words[2] == Self.negative,
      words[4...].allSatisfy({ $0 < Self.base })
    else { return nil }
    weight = Int(Int16(bitPattern: words[1]))
    isNegative = words[2] == Self.negative
    scale = Int(words[3])
    digits = Array(words[4...])
  }

  /// The 16-bit words of the binary format, in order.
  var words: [UInt16] {
    [UInt16(digits.count), UInt16(bitPattern: Int16(weight)), isNegative ? Self.negative : 0, UInt16(scale)] + digits
  }

  /// The value as readers get it: an integer where it has no decimals, an amount where it has up to six, otherwise a
  /// floating-point number, as for an average. Nil where it is too large for 64 bits and has at most six decimals.
  var value: SQLValue? {
    switch scale {
    case 0: scaled(decimals: 0).map(SQLValue.integer)
    case 1...6: scaled(decimals: 6).map { SQLValue.money(Money(micros: $0)) }
    default: nearestDouble.map(SQLValue.double)
    }
  }

  /// The number times 10 to the power of `decimals` (0 or 6); nil where that is not an integer, or does not fit.
  private func scaled(decimals: Int) -> Int64? {
    var magnitude: UInt64 = 0
    let last = decimals == 0 ? 0 : -2
    // From the first digit, or from the decimal point, to the last digit that counts.
    for power in stride(from: max(weight, 0), through: last, by: -1) {
      let index = weight - power
      var digit = digits.indices.contains(index) ? UInt64(digits[index]) : 0
      var base = Self.base
      if power == -2 {
        guard digit.isMultiple(of: 100) else { return nil }
        (digit, base) = (digit / 100, 100)
      }
      let (product, overflow) = magnitude.multipliedReportingOverflow(by: base)
      let (sum, carry) = product.addingReportingOverflow(digit)
      guard !overflow, !carry else { return nil }
      magnitude = sum
    }
    let beyond = weight - last + 1
    guard digits.indices.allSatisfy({ $0 < beyond || digits[$0] == 0 }) else { return nil }
    return isNegative
      ? (magnitude <= Int64.min.magnitude ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil) : Int64(exactly: magnitude)
  }

  private var nearestDouble: Double? {
    let text = digits.reduce(into: "") { $0 += String(Int($1) + Int(Self.base)).dropFirst() }
    return Double("\(isNegative ? "-" : "")\(text.isEmpty ? "0" : text)e\(4 * (weight - digits.count + 1))")
  }
}
