/// A number with a fixed count of decimals, for people.
public enum FixedDecimal {
  /// Rounds to `decimals` (0 to 6) places; beyond 10^15 the shortest text is given as it is.
  public static func text(_ value: Double, decimals: Int) -> String {
    let scale = scales[min(max(decimals, 0), 6)]
    let scaled = (value.magnitude * Double(scale)).rounded()
    guard scaled < 1e15 else { return "\(value)" }
    let (whole, fraction) = Int64(scaled).quotientAndRemainder(dividingBy: scale)
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard scale > 1 else { return "\(sign)\(whole)" }
    // One digit more than the fraction has keeps its leading zeros; the dot takes that digit's place.
    var digits = Array(String(fraction + scale).utf8)
    digits[0] = UInt8(ascii: ".")
    return sign + String(whole) + String(decoding: digits, as: UTF8.self)
  }

  private static let scales: [Int64] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000]
}
