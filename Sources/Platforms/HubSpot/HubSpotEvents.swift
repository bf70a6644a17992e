import RemoteAPIs
import Values

/// An event as it is kept: one row for each deal that it concerns, or one without a deal.
struct HubSpotEventRecord: Hashable, Sendable {
  /// How much of a value is kept, in bytes.
  static let valueLimit = 1000

  let portalID: Int64
  let key: String
  /// The deal; empty for an event that concerns none.
  let dealID: String
  let kind: HubSpotWebhookEvent.Kind
  let subscriptionType: String
  let property: String?
  let value: String?
  /// The deal that a merge left.
  let mergedInto: String?
  var occurredAt: Instant
  /// Whose secret signed it; nil for one that was kept before that was recorded.
  var signer: HubSpotSigner?
}

extension HubSpotWebhookEvent {
  /// How many deals one event may be about, and how many bytes its property's name may have.
  static let dealLimit = 1000
  static let propertyLimit = 256

  /// The rows that keep this event, or why it cannot be kept.
  func records(signer: HubSpotSigner) -> Result<[HubSpotEventRecord], RefusedHubSpotEvent> {
    if let refusal { return .failure(refusal) }
    let deals = dealIDs.isEmpty ? [""] : dealIDs.map { "\($0)" }
    let key = deduplicationKey
    let value = propertyValue.flatMap { Self.isPlain($0, limit: HubSpotEventRecord.valueLimit) ? $0 : nil }
    return .success(
      deals.map { dealID in
        HubSpotEventRecord(
          portalID: portalID, key: key, dealID: dealID, kind: kind, subscriptionType: subscriptionType,
          property: propertyName, value: value, mergedInto: newObjectID.map { "\($0)" }, occurredAt: occurredAt,
          signer: signer)
      })
  }

  private var refusal: RefusedHubSpotEvent? {
    let refuse = { RefusedHubSpotEvent(portalID: portalID, reason: $0, detail: $1) }
    if mergedObjectIDs.count > Self.dealLimit {
      return refuse(
        .tooManyDeals, "an event merged \(mergedObjectIDs.count) records, which is more than \(Self.dealLimit)")
    }
    if let name = propertyName, !Self.isPlain(name, limit: Self.propertyLimit) {
      return refuse(
        .text,
        "a property's name of \(name.utf8.count) bytes holds U+0000 or is longer than \(Self.propertyLimit) bytes")
    }
    // What is no deal's is not looked at again: there the value is left out.
    if kind != .other, let value = propertyValue, !Self.isPlain(value, limit: HubSpotEventRecord.valueLimit) {
      return refuse(
        .text,
        "a value of \(value.utf8.count) bytes holds U+0000 or is longer than \(HubSpotEventRecord.valueLimit) bytes")
    }
    return nil
  }

  /// Whether every database takes the text. PostgreSQL has no U+0000.
  private static func isPlain(_ text: String, limit: Int) -> Bool {
    text.utf8.count <= limit && !text.utf8.contains(0)
  }
}

extension RefusedHubSpotEvent: Error {}

/// What became of the events of a request.
package struct HubSpotIntakeReport: Hashable, Sendable {
  /// Events that are kept and will be processed. An account's own secret is told the same of every event about a deal
  /// of a portal that is not the account's, so that it learns nothing of the portals of others.
  package var accepted = 0
  /// Events that were here already.
  package var duplicates = 0
  /// Events that are kept but concern no deal.
  package var ignored = 0
  /// Events that are not kept; the portal's status counts them with the reason.
  package var refused = 0

  /// Counts an event that is new.
  mutating func take(_ kind: HubSpotWebhookEvent.Kind) {
    if kind == .other { ignored += 1 } else { accepted += 1 }
  }
}
