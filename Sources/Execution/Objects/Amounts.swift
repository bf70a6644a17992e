import Values

/// Saturating sums of minor units: amounts come from outside and must not trap.
enum Amounts {
  static func sum(_ amounts: some Sequence<Int64>) -> Int64 {
    Int64(clamping: amounts.reduce(into: Int128(0)) { $0 += Int128($1) })
  }

  static func difference(_ left: Int64, _ right: Int64) -> Int64 {
    Int64(clamping: Int128(left) - Int128(right))
  }

  /// An amount of minor units for people: `1234.50` for 123450 of a currency with two decimals.
  static func text(_ minorUnits: Int64, _ currency: Currency) -> String {
    guard currency.decimals > 0 else { return "\(minorUnits)" }
    let unit = UInt64(currency.minorUnitsPerMajor)
    let (whole, fraction) = minorUnits.magnitude.quotientAndRemainder(dividingBy: unit)
    return "\(minorUnits < 0 ? "-" : "")\(whole).\(String(fraction + unit).dropFirst())"
  }
}
