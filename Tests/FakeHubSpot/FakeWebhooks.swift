import Crypto
import Formats
import Foundation
import HTTPTypes
import RemoteAPIs
import Synchronization
import Values

/// A webhook as HubSpot sends it: a body with its headers.
package struct FakeDelivery: Sendable {
  /// The header fields with the signatures.
  package let headers: [(name: String, value: String)]
  /// The JSON array of events.
  package let body: [UInt8]
}

extension FakeHubSpot {
  /// Signs up to 100 of the events not yet told; nil where there are none.
  ///
  /// `uri` is the address that is signed, which is the one HubSpot was told to call.
  package func nextDelivery(secret: String, uri: String) -> FakeDelivery? {
    let events = state.withLock { $0.portal.takeEvents(100) }
    guard !events.isEmpty else { return nil }
    return delivery(of: JSONValue.array(events).bytes, secret: secret, uri: uri)
  }

  /// Signs a body, by v3 and by v1.
  package func delivery(of body: [UInt8], secret: String, uri: String) -> FakeDelivery {
    let timestamp = "\(clock().microseconds / 1_000)"
    let signed = Array("POST\(Self.signedForm(of: uri))".utf8) + body + Array(timestamp.utf8)
    let code = HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: Array(secret.utf8)))
    let hash = SHA256.hash(data: Array(secret.utf8) + body).map { String(format: "%02x", $0) }.joined()
    return FakeDelivery(
      headers: [
        ("Content-Type", "application/json"), ("X-HubSpot-Signature", hash), ("X-HubSpot-Signature-Version", "v1"),
        ("X-HubSpot-Signature-v3", Data(code).base64EncodedString()), ("X-HubSpot-Request-Timestamp", timestamp),
        ("X-HubSpot-Timeout-Millis", "10000"),
        (
          "User-Agent",
          "HubSpot Connect 2.0 (http://dev.hubspot.com/) (namespace: webhooks-nio-http-client) - "
            + "WebhooksExecutorDaemon-executor"
        ),
      ], body: body)
  }

  /// Sends all events not yet told to `url`, each batch `times` times, and returns the statuses that came back, 0 for
  /// none.
  ///
  /// A batch that is not answered with 2xx is kept to be told once more, and ends the sending. `signedURI` is the
  /// address that is signed, where it differs from the one that is called.
  package func deliver(
    to url: String, secret: String, signedURI: String? = nil, times: Int = 1, over transport: any HTTPTransport
  ) async -> [Int] {
    var statuses: [Int] = []
    while true {
      let events = state.withLock { $0.portal.takeEvents(100) }
      guard !events.isEmpty else { return statuses }
      let delivery = delivery(of: JSONValue.array(events).bytes, secret: secret, uri: signedURI ?? url)
      var call = HTTPCall(.post, url, body: .bytes(delivery.body))
      for (name, value) in delivery.headers { call.setHeader(name, value) }
      for _ in 0..<times {
        let status = try? await transport.send(call).status
        statuses.append(status ?? 0)
        guard let status, (200...299).contains(status) else {
          state.withLock { $0.portal.putBack(events) }
          return statuses
        }
      }
    }
  }

  /// The address with the escapes of its query resolved that HubSpot resolves before it signs.
  private static func signedForm(of uri: String) -> String {
    guard let mark = uri.firstIndex(of: "?") else { return uri }
    let escapes = [
      "%3A": ":", "%2F": "/", "%3F": "?", "%40": "@", "%21": "!", "%24": "$", "%27": "'", "%28": "(", "%29": ")",
      "%2A": "*", "%2C": ",", "%3B": ";",
    ]
    let query = escapes.reduce(String(uri[mark...])) { $0.replacingOccurrences(of: $1.key, with: $1.value) }
    return uri[..<mark] + query
  }
}
