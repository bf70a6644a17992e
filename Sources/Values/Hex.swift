/// Bytes as lower-case hexadecimal digits.
public enum Hex {
  private static let digits = Array("0123456789abcdef".utf8)

  /// The digits of `bytes`.
  public static func text(_ bytes: some Sequence<UInt8>) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(2 * bytes.underestimatedCount)
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes that `text` writes in hexadecimal digits of either case; nil for anything else.
  public static func bytes(_ text: String) -> [UInt8]? {
    let digits = text.utf8.map {
      UInt8(ascii: "a") <= $0 | 0x20 ? ($0 | 0x20) - UInt8(ascii: "a") + 10 : $0 &- UInt8(ascii: "0")
    }
    guard digits.count.isMultiple(of: 2), digits.allSatisfy({ $0 < 16 }), text.allSatisfy(\.isHexDigit) else {
      return nil
    }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }
}
