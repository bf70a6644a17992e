import Formats
import Values

/// A webhook body that is not in HubSpot's format.
public enum HubSpotWebhookError: Error, Equatable, Sendable {
  /// The body has more bytes than ``HubSpotWebhookEvent/largestBody``.
  case tooLarge(bytes: Int)
  /// The body is not JSON, or nested too deeply; the text says where.
  case notJSON(String)
  /// The body is not an array of 1 to 100 events.
  case notEvents(String)
  /// A field of the event at `index` violates a rule; `value` is its JSON, shortened.
  case invalidField(index: Int, field: String, value: String, rule: String)
}

extension HubSpotWebhookError: CustomStringConvertible {
  /// What is wrong, with the place.
  public var description: String {
    switch self {
    case .tooLarge(let bytes): "a body of \(bytes) bytes is larger than \(HubSpotWebhookEvent.largestBody)"
    case .notJSON(let reason): "the body is not JSON: \(reason)"
    case .notEvents(let found):
      "the body must be an array of 1 to \(HubSpotWebhookEvent.largestBatch) events, not \(found)"
    case .invalidField(let index, let field, let value, let rule): "[\(index)].\(field): \(value) \(rule)"
    }
  }
}

extension HubSpotWebhookEvent {
  /// How many bytes a webhook's body may have: 1 MiB.
  public static let largestBody = 1 << 20

  /// How many events a webhook's body may hold.
  public static let largestBatch = 100

  /// Parses a webhook body. One invalid event makes the whole body invalid, because HubSpot repeats it as a whole.
  ///
  /// Unknown fields are skipped; events of unknown types are kept.
  public static func parse(_ body: [UInt8]) throws(HubSpotWebhookError) -> [HubSpotWebhookEvent] {
    guard body.count <= largestBody else { throw .tooLarge(bytes: body.count) }
    let values = try elements(of: body)
    var events: [HubSpotWebhookEvent] = []
    for (index, value) in values.enumerated() {
      do throws(JSONField.Problem) {
        events.append(try HubSpotWebhookEvent(JSONField(value, at: "")))
      } catch {
        throw .invalidField(index: index, field: error.path, value: error.value, rule: error.rule)
      }
    }
    return events
  }

  private static func elements(of body: [UInt8]) throws(HubSpotWebhookError) -> [JSONValue] {
    do {
      return try JSONReader.read(body) { reader in
        let kind = try reader.peekKind()
        guard kind == .array else { throw HubSpotWebhookError.notEvents("one \(kind.rawValue)") }
        var values: [JSONValue] = []
        try reader.readArray { _, reader in
          guard values.count < largestBatch else { throw HubSpotWebhookError.notEvents("more") }
          values.append(try reader.readValue())
        }
        guard !values.isEmpty else { throw HubSpotWebhookError.notEvents("none") }
        return values
      }
    } catch let error as HubSpotWebhookError {
      throw error
    } catch {
      throw .notJSON("\(error)")
    }
  }

  private init(_ event: JSONField) throws(JSONField.Problem) {
    eventID = try event.member("eventId").integer()
    subscriptionID = try event.member("subscriptionId").optionalInteger()
    portalID = try event.member("portalId").integer()
    appID = try event.member("appId").optionalInteger()
    occurredAt = try Self.moment(event.member("occurredAt"))
    subscriptionType = try Self.type(of: event)
    attemptNumber = try event.member("attemptNumber").optionalInteger() ?? 0
    objectID = try event.member("objectId").optionalInteger()
    propertyName = try event.member("propertyName").optionalText()
    propertyValue = try event.member("propertyValue").optionalText()
    changeSource = try event.member("changeSource").optionalText()
    changeFlag = try event.member("changeFlag").optionalText()
    sourceID = try event.member("sourceId").optionalText()
    objectTypeID = try event.member("objectTypeId").optionalText()
    primaryObjectID = try event.member("primaryObjectId").optionalInteger()
    mergedObjectIDs = []
    for id in try event.member("mergedObjectIds").elements() { mergedObjectIDs.append(try id.integer()) }
    newObjectID = try event.member("newObjectId").optionalInteger()
    fromObjectID = try event.member("fromObjectId").optionalInteger()
    toObjectID = try event.member("toObjectId").optionalInteger()
    associationType = try event.member("associationType").optionalText()
    let removed = try event.member("associationRemoved")
    associationRemoved = removed.isAbsent ? nil : try removed.bool()
    let sensitive = try event.member("isSensitive")
    isSensitive = sensitive.isAbsent ? false : try sensitive.bool()
    try checkRecords(event)
  }

  /// The event type, by either of the names in HubSpot's documentation.
  private static func type(of event: JSONField) throws(JSONField.Problem) -> String {
    let named = try event.member("subscriptionType")
    let field = named.isAbsent ? try event.member("eventType") : named
    let text = try field.text()
    let isName = text.utf8.allSatisfy { byte in
      UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
        || "._-".utf8.contains(byte)
    }
    guard isName, (1...100).contains(text.utf8.count) else {
      throw field.problem("must be 1 to 100 letters, digits, '.', '_' or '-'")
    }
    return text
  }

  /// Milliseconds since 1970, up to the year 9999.
  private static func moment(_ field: JSONField) throws(JSONField.Problem) -> Instant {
    let milliseconds = try field.integer()
    guard (0...253_402_300_799_999).contains(milliseconds) else {
      throw field.problem("must be milliseconds since 1970, up to the year 9999")
    }
    return Instant(microseconds: milliseconds * 1_000)
  }

  /// An event about a deal must name the deal, or nothing can be done about it.
  private func checkRecords(_ event: JSONField) throws(JSONField.Problem) {
    guard kind != .other, dealIDs.isEmpty else { return }
    throw try event.member("objectId").problem("must be present for \(subscriptionType)")
  }
}
