import Values

/// A number with a fixed number of decimals, for people.
public enum FixedDecimal {
  /// Rounds to `decimals` (0 to 6) places; numbers beyond 10^15 units of the last place get their shortest text.
  public static func text(_ value: Double, decimals: Int) -> String {
    var bytes = GrowingBytes(capacity: 32)
    bytes.append(fixed: value, places: decimals)
    return String(decoding: bytes.array, as: UTF8.self)
  }
}

extension GrowingBytes {
  private static let scales: [Double] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000]

  /// Appends a number rounded to `places` (0 to 6) decimals, or its shortest text beyond 10^15 units of the last place.
  mutating func append(fixed value: Double, places: Int) {
    let places = min(max(places, 0), Self.scales.count - 1)
    let scaled = (value.magnitude * Self.scales[places]).rounded()
    if scaled < 1e15 {
      append(decimal: UInt64(clamping: scaled), places: places, isNegative: value < 0 && scaled > 0)
    } else {
      var text = "\(value)"
      text.withUTF8 { append($0) }
    }
  }
}
