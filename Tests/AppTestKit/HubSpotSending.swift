import Formats
import HTTPTypes
import Platforms
import RemoteAPIs
import TestKit
import Testing
import Values

/// A HubSpot app that sends signed webhooks.
package struct HubSpotSending: Sendable {
  /// The address that HubSpot was given.
  package static let url = "https://hooks.example.com/webhooks/hubspot"
  /// The app's client secret.
  package static let secret = Secret("3f1d6d3a-0000-4000-8000-9b7c5a2e1d00")
  /// HubSpot's account.
  package static let portal: Int64 = 62_515

  /// Settings of a process that takes this app's webhooks.
  package static var settings: HubSpotSettings {
    var settings = HubSpotSettings()
    settings.webhookURL = url
    settings.secrets = [secret]
    return settings
  }

  /// The headers of a request whose body is signed at `now`.
  package static func headers(
    for body: [UInt8], at now: Instant, secret: Secret = secret, query: String? = nil
  ) -> HTTPFields {
    let timestamp = "\(now.microseconds / 1_000)"
    let content = HubSpotSignature.Content(
      method: "POST", uri: url + (query.map { "?" + $0 } ?? ""), body: body, timestamp: timestamp)
    return [
      .signatureV3: HubSpotSignature.text(.v3, of: content, secret: secret), .requestTimestamp: timestamp,
    ]
  }
}

extension HTTPField.Name {
  /// Which server is meant; clients of tests do not send it by themselves.
  package static var hostName: HTTPField.Name { named("Host") }
  /// Where HubSpot puts its signature.
  package static var signatureV3: HTTPField.Name { named("X-HubSpot-Signature-v3") }
  /// Where HubSpot puts the time of signing.
  package static var requestTimestamp: HTTPField.Name { named("X-HubSpot-Request-Timestamp") }
  /// Where HubSpot puts signatures of older versions.
  package static var olderSignature: HTTPField.Name { named("X-HubSpot-Signature") }

  private static func named(_ name: String) -> HTTPField.Name {
    HTTPField.Name(name) ?? .accept
  }
}

/// An event as HubSpot writes it.
package struct SentEvent: Hashable, Sendable {
  /// HubSpot's number of it.
  package var eventID: Int
  /// What happened.
  package var type: String
  /// The deal.
  package var dealID: Int
  /// The property that changed, and its new value.
  package var property: (name: String, value: String)?
  /// When.
  package var occurredAt: Instant
  /// HubSpot's account.
  package var portal = HubSpotSending.portal
  /// Further members, as JSON behind a comma.
  package var more = ""

  /// Makes an event from its parts.
  package init(
    _ eventID: Int, _ type: String = "deal.propertyChange", deal: Int, property: (name: String, value: String)? = nil,
    at occurredAt: Instant
  ) {
    self.eventID = eventID
    self.type = type
    dealID = deal
    self.property = property
    self.occurredAt = occurredAt
  }

  /// The move of a deal into a stage.
  package static func move(_ eventID: Int, deal: Int, to stage: String, at occurredAt: Instant) -> SentEvent {
    SentEvent(eventID, deal: deal, property: ("dealstage", stage), at: occurredAt)
  }

  /// The event's JSON; `attempt` counts the repetitions.
  package func json(attempt: Int = 0) -> String {
    let change = property.map { #", "propertyName": "\#($0.name)", "propertyValue": "\#($0.value)""# } ?? ""
    return """
      {"eventId": \(eventID), "subscriptionId": 25, "portalId": \(portal), "appId": 1160452, \
      "occurredAt": \(occurredAt.microseconds / 1_000), "subscriptionType": "\(type)", "attemptNumber": \(attempt), \
      "objectId": \(dealID)\(change), "changeSource": "CRM_UI"\(more)}
      """
  }

  /// Whether both are the same event.
  package static func == (left: SentEvent, right: SentEvent) -> Bool { left.json() == right.json() }

  /// Hashes the event.
  package func hash(into hasher: inout Hasher) {
    hasher.combine(json())
  }
}

extension TestSystem {
  /// Sends events as HubSpot would, signed now.
  package func send(_ events: [SentEvent], attempt: Int = 0, to api: TestAPI) async throws -> Answer {
    let body = Array("[\(events.map { $0.json(attempt: attempt) }.joined(separator: ", "))]".utf8)
    return try await api.with(key: nil).send(
      .post, "/webhooks/hubspot", bytes: body, headers: HubSpotSending.headers(for: body, at: clock.now()))
  }
}
