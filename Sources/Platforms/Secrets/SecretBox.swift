import Crypto
import RemoteAPIs
import Values

/// Stores secrets of accounts in the database such that the database alone does not reveal them: sealed with AES-GCM
/// and a key that only the program's environment holds.
package struct SecretBox: Sendable {
  /// What the text of a key must be, in words.
  package static let keyRule =
    "must be 64 hexadecimal digits, 32 random bytes: openssl rand -hex 32"

  private let key: SymmetricKey
  /// Identifies a key without revealing it.
  private let fingerprint: String

  /// Returns nil where the text violates ``keyRule``.
  package init?(key text: Secret) {
    guard let bytes = Hex.bytes(text.text), bytes.count == 32 else { return nil }
    key = SymmetricKey(data: bytes)
    fingerprint = Hex.text(SHA256.hash(data: bytes).prefix(4))
  }

  /// Seals `secret` for one `context`, outside of which it cannot be opened.
  package func seal(_ secret: Secret, for context: String) throws -> String {
    let box = try AES.GCM.seal(Array(secret.text.utf8), using: key, authenticating: Array(context.utf8))
    let bytes = Array(box.nonce) + Array(box.ciphertext) + Array(box.tag)
    return "\(Self.version).\(fingerprint).\(Hex.text(bytes))"
  }

  /// Opens what ``seal(_:for:)`` sealed for `context`. Throws a ``SecretBoxError``.
  package func open(_ sealed: String, for context: String) throws(SecretBoxError) -> Secret {
    let parts = sealed.split(separator: ".")
    guard parts.count == 3, parts[0] == Self.version, let bytes = Hex.bytes(String(parts[2])),
      bytes.count >= Self.nonceBytes + Self.tagBytes
    else { throw .damaged }
    guard parts[1] == fingerprint else { throw .otherKey }
    do {
      let box = try AES.GCM.SealedBox(
        nonce: AES.GCM.Nonce(data: bytes[..<Self.nonceBytes]),
        ciphertext: bytes[Self.nonceBytes..<(bytes.count - Self.tagBytes)], tag: bytes.suffix(Self.tagBytes))
      return Secret(
        String(decoding: try AES.GCM.open(box, using: key, authenticating: Array(context.utf8)), as: UTF8.self))
    } catch {
      throw .damaged
    }
  }

  private static let version = "v1"
  private static let nonceBytes = 12
  private static let tagBytes = 16
}

/// Why a sealed secret cannot be opened.
package enum SecretBoxError: Error, Equatable, Sendable, CustomStringConvertible {
  /// It was sealed with another key than the current one.
  case otherKey
  /// It is not what was sealed, or was sealed for another context.
  case damaged

  package var description: String {
    switch self {
    case .otherKey: "it was sealed with another key than the current GEMINIVIDEO_SECRET_KEY"
    case .damaged: "it is damaged"
    }
  }
}
