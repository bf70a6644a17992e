import Formats
import HTTPTypes
import RemoteAPIs
import Values

/// Makes HubSpot's webhooks, signed and unsigned, whole and broken.
struct WebhookMaker {
  let url: String
  let secret: Secret
  let portals: [Int64]

  func request(_ random: inout FuzzRandom, at now: Instant) -> FuzzRequest {
    var body = FuzzJSON.array((0..<random.small(60)).map { _ in event(&random, at: now) }).bytes
    if random.chance(1, in: 20) { body = random.hostileValue().bytes }
    let timestamp = random.chance(1, in: 20) ? random.hostileNumber() : "\(now.microseconds / 1_000)"
    var signature = HubSpotSignature.text(
      .v3, of: HubSpotSignature.Content(method: "POST", uri: url, body: body, timestamp: timestamp), secret: secret)
    if random.chance(1, in: 20) { signature = random.hostileText() }
    var request = FuzzRequest(method: .post, target: "/webhooks/hubspot", body: body)
    request.headers[.contentType] = "application/json"
    for (name, value) in [("X-HubSpot-Signature-v3", signature), ("X-HubSpot-Request-Timestamp", timestamp)] {
      guard let name = HTTPField.Name(name), !random.chance(1, in: 40) else { continue }
      request.headers[name] = value
    }
    return request
  }

  private func event(_ random: inout FuzzRandom, at now: Instant) -> FuzzJSON {
    let types = [
      "deal.propertyChange", "deal.creation", "deal.deletion", "deal.merge", "deal.restore", "deal.associationChange",
      "object.propertyChange", "contact.propertyChange", "object.merge", "x.y", "",
    ]
    let properties = [
      "dealstage", "amount", "pipeline", "ad_id", "closedate", "deal_currency_code", "hs_analytics_source", "dealname",
    ]
    let texts = [
      "closedwon", "appointmentscheduled", "show_up", "closedlost", "4000.50", "1e400", "-5", "1202100000000001", "EUR",
      "",
    ]
    func text(_ choices: [String]) -> FuzzJSON {
      random.chance(1, in: 80) ? .string(random.hostileText()) : .string(random.pick(choices))
    }
    func number(_ choices: [String]) -> FuzzJSON {
      random.chance(1, in: 80) ? .raw(random.hostileNumber()) : .raw(random.pick(choices))
    }
    let moment = "\(now.microseconds / 1_000 - Int64(random.int(0...100_000_000)))"
    var members: [(key: String, value: FuzzJSON)] = [
      ("eventId", number(["\(random.int(1...100_000))"])), ("subscriptionId", number(["1"])),
      ("portalId", number(portals.map { "\($0)" })), ("appId", number(["7"])), ("occurredAt", number([moment])),
      ("subscriptionType", text(types)), ("attemptNumber", number(["0"])), ("objectId", number(["1", "2", "3", "77"])),
      ("objectTypeId", text(["0-3", "0-1"])), ("propertyName", text(properties)), ("propertyValue", text(texts)),
      ("changeSource", text(["CRM_UI"])), ("primaryObjectId", number(["1", "2"])),
      ("mergedObjectIds", .array((0..<random.small(200)).map { _ in number(["2", "3", "4"]) })),
      ("fromObjectId", number(["1"])), ("toObjectId", number(["9"])), ("changeFlag", text(["NEW", "DELETED"])),
    ]
    members = members.filter { _ in !random.chance(1, in: 80) }
    if random.chance(1, in: 30) { members.append((random.hostileText(), random.hostileValue())) }
    return random.chance(1, in: 60) ? random.hostileValue() : .object(members)
  }
}
