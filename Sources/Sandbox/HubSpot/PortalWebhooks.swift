import Formats
import HTTPTypes
import RemoteAPIs
import Values

/// A webhook as HubSpot sends it: a body with its headers.
package struct PortalWebhook: Sendable {
  /// The header fields with the signatures.
  package let headers: [(name: String, value: String)]
  /// The JSON array of events.
  package let body: [UInt8]

  /// Signs a body, by v3 and by v1. `uri` is the address that HubSpot was told to call.
  package init(_ body: [UInt8], secret: Secret, uri: String, at now: Instant) {
    self.body = body
    let content = HubSpotSignature.Content(
      method: "POST", uri: uri, body: body, timestamp: "\(now.microseconds / 1_000)")
    headers = [
      ("Content-Type", "application/json"),
      ("X-HubSpot-Signature", HubSpotSignature.text(.v1, of: content, secret: secret)),
      ("X-HubSpot-Signature-Version", "v1"),
      ("X-HubSpot-Signature-v3", HubSpotSignature.text(.v3, of: content, secret: secret)),
      ("X-HubSpot-Request-Timestamp", content.timestamp), ("X-HubSpot-Timeout-Millis", "10000"),
      (
        "User-Agent",
        "HubSpot Connect 2.0 (http://dev.hubspot.com/) (namespace: webhooks-nio-http-client) - "
          + "WebhooksExecutorDaemon-executor"
      ),
    ]
  }

  /// Signs up to 100 events.
  package init(events: [JSONValue], secret: Secret, uri: String, at now: Instant) {
    self.init(JSONValue.array(events).bytes, secret: secret, uri: uri, at: now)
  }

  /// How many events a webhook tells at most.
  package static let largest = 100

  /// The call that carries it to `url`.
  package func call(to url: String) -> HTTPCall {
    var call = HTTPCall(.post, url, body: .bytes(body), timeLimit: .seconds(10))
    for (name, value) in headers { call.setHeader(name, value) }
    return call
  }
}
