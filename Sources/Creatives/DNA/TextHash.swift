import Crypto
import Values

/// What texts are told apart by without keeping them.
enum TextHash {
  /// The SHA-256 of the text's UTF-8, in hexadecimal digits.
  static func hexadecimal(_ text: String) -> String { Hex.text(SHA256.hash(data: Array(text.utf8))) }
}
