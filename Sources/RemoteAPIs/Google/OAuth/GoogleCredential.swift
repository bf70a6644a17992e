import Formats
import Values

/// What proves to Google who is calling.
package enum GoogleCredential: Equatable, Sendable {
  /// The key of a service account.
  case serviceAccount(ServiceAccountKey)
  /// The machine's own service account, for which the metadata server at `host` (with a port, if it is not 80) gives
  /// tokens: on Compute Engine, Cloud Run and Kubernetes Engine.
  case metadataServer(host: String)

  /// Where Google's machines have their metadata server.
  package static let metadataHost = "metadata.google.internal"

  /// What to do where there is no credential.
  package static let advice =
    "set GOOGLE_APPLICATION_CREDENTIALS to the path of a service account's JSON key, or run on a machine of Google's "
    + "that has a service account"
}

/// The key of a service account, as Google's console writes it into a JSON file.
package struct ServiceAccountKey: Equatable, Sendable {
  /// Who signs, such as `svc@project.iam.gserviceaccount.com`.
  package let email: String
  /// The account's project; nil where the file does not say.
  package let projectID: String?
  let keyID: String
  /// PEM of PKCS #8.
  let privateKey: Secret
  /// Where a signed assertion is exchanged for a token.
  let tokenURL: String

  /// The most bytes of a key file.
  package static let largestFile = 64 << 10

  /// A file that is no key of a service account. The reason repeats none of its contents but the value of `type`.
  package struct Problem: Error, Equatable, CustomStringConvertible {
    package let reason: String

    package var description: String { reason }
  }

  /// Reads the contents of a key file.
  package init(json: [UInt8]) throws(Problem) {
    guard json.count <= Self.largestFile, let value = try? JSONReader.read(json, { try $0.readValue() }),
      case .object = value
    else { throw Problem(reason: "must be a JSON object of at most \(Self.largestFile) bytes") }
    let type = value["type"]?.stringValue ?? ""
    guard type == "service_account" else {
      throw Problem(
        reason: "must be a service account's key: its \"type\" must be \"service_account\", not \"\(type.prefix(40))\"")
    }
    let text = { (name: String) throws(Problem) in
      guard let text = value[name]?.stringValue, !text.isEmpty, text.utf8.count <= 16 << 10 else {
        throw Problem(reason: "has no usable \"\(name)\": download the key again")
      }
      return text
    }
    email = try text("client_email")
    keyID = try text("private_key_id")
    privateKey = Secret(try text("private_key"))
    guard privateKey.text.contains("-----BEGIN PRIVATE KEY-----") else {
      throw Problem(reason: "has a \"private_key\" that is no PEM of PKCS #8: download the key again")
    }
    tokenURL = value["token_uri"]?.stringValue ?? ServiceAccountAssertion.audience
    guard Self.isSafe(tokenURL) else {
      throw Problem(reason: "has a \"token_uri\" that is neither https nor on this machine")
    }
    projectID = value["project_id"]?.stringValue
  }

  /// Whether what proves the identity may be sent to `url`.
  private static func isSafe(_ url: String) -> Bool {
    guard url.utf8.count <= 2_048, url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return false }
    let isOwnMachine = ["127.0.0.1", "localhost"].contains { host in
      url.hasPrefix("http://\(host)/") || url.hasPrefix("http://\(host):")
    }
    return url.hasPrefix("https://") || isOwnMachine
  }
}
