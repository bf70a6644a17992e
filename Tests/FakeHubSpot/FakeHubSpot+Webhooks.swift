import RemoteAPIs
import Sandbox
import Synchronization

extension FakeHubSpot {
  /// Signs up to 100 of the events not yet told; nil where there are none.
  ///
  /// `uri` is the address that is signed, which is the one HubSpot was told to call.
  package func nextDelivery(secret: String, uri: String) -> PortalWebhook? {
    let events = state.withLock { $0.api.portal.takeEvents(PortalWebhook.largest) }
    return events.isEmpty ? nil : PortalWebhook(events: events, secret: Secret(secret), uri: uri, at: clock())
  }

  /// Signs a body, by v3 and by v1.
  package func delivery(of body: [UInt8], secret: String, uri: String) -> PortalWebhook {
    PortalWebhook(body, secret: Secret(secret), uri: uri, at: clock())
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
      let events = state.withLock { $0.api.portal.takeEvents(PortalWebhook.largest) }
      guard !events.isEmpty else { return statuses }
      let webhook = PortalWebhook(events: events, secret: Secret(secret), uri: signedURI ?? url, at: clock())
      for _ in 0..<times {
        let status = try? await transport.send(webhook.call(to: url)).status
        statuses.append(status ?? 0)
        guard let status, (200...299).contains(status) else {
          state.withLock { $0.api.portal.putBack(events) }
          return statuses
        }
      }
    }
  }
}
