import Crypto
import Foundation
import Values

/// The three ways in which HubSpot signs its requests. The key is the app's client secret, not its access token.
///
/// Source: HubSpot developer documentation, "Validating requests".
public enum HubSpotSignature {
  /// A way of signing.
  public enum Version: String, Hashable, Sendable {
    /// A hash of the secret and the body. It covers neither URL nor time, so a signed request can be replayed for ever.
    case v1
    /// A hash of the secret, the method, the URL and the body, without a time.
    case v2
    /// An HMAC of the method, the URL, the body and the time.
    case v3
  }

  /// The signed parts of a request.
  public struct Content: Equatable, Sendable {
    /// The method in capitals, such as `POST`.
    public var method: String
    /// The full URL that was called, from its scheme to its query.
    public var uri: String
    /// The body's bytes as received.
    public var body: [UInt8]
    /// Milliseconds since 1970 in decimal digits, as in the header; only v3 uses it.
    public var timestamp: String

    public init(method: String, uri: String, body: [UInt8], timestamp: String) {
      self.method = method
      self.uri = uri
      self.body = body
      self.timestamp = timestamp
    }
  }

  /// The signature as in its header: 64 lower-case hexadecimal digits, or for v3 44 characters of base64.
  public static func text(_ version: Version, of content: Content, secret: Secret) -> String {
    let key = Array(secret.text.utf8)
    switch version {
    case .v1:
      return hash([key, content.body])
    case .v2:
      return hash([key, Array(content.method.utf8), Array(content.uri.utf8), content.body])
    case .v3:
      var code = HMAC<SHA256>(key: SymmetricKey(data: key))
      code.update(data: Array(content.method.utf8))
      code.update(data: Array(decodingQuery(of: content.uri).utf8))
      code.update(data: content.body)
      code.update(data: Array(content.timestamp.utf8))
      return Data(code.finalize()).base64EncodedString()
    }
  }

  /// The URL with those escapes of its query decoded that HubSpot decodes before it signs; all others stay.
  static func decodingQuery(of uri: String) -> String {
    let bytes = Array(uri.utf8)
    guard let start = bytes.firstIndex(of: UInt8(ascii: "?")) else { return uri }
    var decoded = Array(bytes[...start])
    var index = start + 1
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "%"), let byte = escaped(bytes[index...].dropFirst().prefix(2)) {
        decoded.append(byte)
        index += 3
      } else {
        decoded.append(bytes[index])
        index += 1
      }
    }
    return String(decoding: decoded, as: UTF8.self)
  }

  /// The character for two hexadecimal digits, where it is one that HubSpot decodes.
  private static func escaped(_ digits: ArraySlice<UInt8>) -> UInt8? {
    let text = String(decoding: digits, as: UTF8.self)
    guard text.utf8.count == 2, text.allSatisfy(\.isHexDigit), let byte = UInt8(text, radix: 16) else { return nil }
    return ":/?@!$'()*,;".utf8.contains(byte) ? byte : nil
  }

  private static func hash(_ parts: [[UInt8]]) -> String {
    var hash = SHA256()
    for part in parts { hash.update(data: part) }
    return hash.finalize().map { byte in
      let digits = String(byte, radix: 16)
      return digits.utf8.count < 2 ? "0" + digits : digits
    }.joined()
  }
}
