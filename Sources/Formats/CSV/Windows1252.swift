import Values

/// The single-byte encoding in which Western versions of Windows save text that is not Unicode.
public enum Windows1252 {
  /// The text of bytes; bytes that the encoding does not define are read as control characters, as browsers do.
  public static func text(_ bytes: some Sequence<UInt8>) -> String {
    var scalars = String.UnicodeScalarView()
    for byte in bytes {
      scalars.append((0x80...0x9F).contains(byte) ? upper[Int(byte) - 0x80] : UnicodeScalar(byte))
    }
    return String(scalars)
  }

  /// The bytes of a text; nil where the encoding lacks one of its characters.
  public static func bytes(_ text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    for scalar in text.unicodeScalars {
      if scalar.value < 0x80 || (0xA0...0xFF).contains(scalar.value) {
        bytes.append(UInt8(truncatingIfNeeded: scalar.value))
      } else if let index = upper.firstIndex(of: scalar) {
        bytes.append(UInt8(0x80 + index))
      } else {
        return nil
      }
    }
    return bytes
  }

  /// The characters of 0x80 to 0x9F.
  private static let upper: [UnicodeScalar] = Array(
    "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8D}Ž\u{8F}\u{90}‘’“”•–—˜™š›œ\u{9D}žŸ".unicodeScalars)
}
