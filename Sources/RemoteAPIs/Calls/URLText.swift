/// Names and values as a URL's query, or as the body of a form.
enum URLText {
  /// Joins pairs and escapes their values; names must need no escaping. `kept` are characters that the vendor expects
  /// unescaped.
  static func joined(_ pairs: [(name: String, value: String)], keeping kept: StaticString = "") -> String {
    pairs.map { "\($0.name)=\(escaped($0.value, keeping: kept))" }.joined(separator: "&")
  }

  private static func escaped(_ text: String, keeping kept: StaticString) -> String {
    let kept = UnsafeBufferPointer(start: kept.utf8Start, count: kept.utf8CodeUnitCount)
    return text.utf8.map { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        return String(UnicodeScalar(byte))
      case let byte where kept.contains(byte): return String(UnicodeScalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        return digits.utf8.count < 2 ? "%0" + digits : "%" + digits
      }
    }.joined()
  }
}
