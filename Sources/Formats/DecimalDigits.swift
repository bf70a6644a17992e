/// Integers as decimal digits, two at a time.
enum DecimalDigits {
  /// `00` to `99`.
  private static let pairs: StaticString =
    """
    0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849\
    5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899
    """

  /// 10 to the power of 0 to 19.
  private static let powers: [UInt64] = [
    1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000,
    100_000_000_000, 1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000, 1_000_000_000_000_000,
    10_000_000_000_000_000, 100_000_000_000_000_000, 1_000_000_000_000_000_000, 10_000_000_000_000_000_000,
  ]

  /// 10 to the power of `exponent`, 0 to 19.
  static func power(_ exponent: Int) -> UInt64 { powers[exponent] }

  /// How many digits `number` has; 1 for 0.
  @inline(__always)
  static func count(_ number: UInt64) -> Int {
    // 1233 / 4096 is slightly more than log10(2): the estimate is right or one too low.
    let estimate = ((UInt64.bitWidth - (number | 1).leadingZeroBitCount) * 1233) >> 12
    return estimate + ((number | 1) >= powers[min(estimate, powers.count - 1)] ? 1 : 0)
  }

  /// Writes the last `count` digits of `number` and returns the position after them.
  static func write(_ number: UInt64, count: Int, at place: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8>
  {
    let end = place + count
    var (next, rest) = (end, number)
    while next - place >= 2 {
      let (quotient, pair) = rest.quotientAndRemainder(dividingBy: 100)
      next -= 2
      let digits = pairs.utf8Start + 2 * Int(truncatingIfNeeded: pair)
      (next[0], next[1]) = (digits[0], digits[1])
      rest = quotient
    }
    if next > place { place[0] = ASCII.zero + UInt8(truncatingIfNeeded: rest % 10) }
    return end
  }
}
