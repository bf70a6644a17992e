import JWTKit
import Values

/// What a service account signs to get a token: a JSON Web Token by RFC 7523, which lasts for an hour.
struct ServiceAccountAssertion: JWTPayload {
  /// Google wants this audience whatever address the token is asked of.
  static let audience = "https://oauth2.googleapis.com/token"
  /// Seconds; Google takes no longer time.
  private static let lifetime: Int64 = 3_600

  let iss: String
  let scope: String
  let aud: String
  let iat: Int64
  let exp: Int64

  init(email: String, scope: String, at now: Instant) {
    iss = email
    self.scope = scope
    aud = Self.audience
    iat = now.seconds
    exp = now.seconds + Self.lifetime
  }

  /// Nobody but Google verifies it.
  func verify(using algorithm: some JWTAlgorithm) throws {}

  /// Signs by RS256. Throws ``GoogleError`` for a key that cannot sign.
  func signed(with key: ServiceAccountKey) async throws(GoogleError) -> Secret {
    do {
      let id = JWKIdentifier(string: key.keyID)
      let keys = JWTKeyCollection()
      await keys.add(rsa: try Insecure.RSA.PrivateKey(pem: key.privateKey.text), digestAlgorithm: .sha256, kid: id)
      return Secret(try await keys.sign(self, kid: id))
    } catch {
      // The library's error may quote the key.
      throw GoogleError(
        .unauthenticated, "the private key of \(key.email) cannot sign: download the service account's key again")
    }
  }
}
