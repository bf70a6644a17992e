import RemoteAPIs
import Values

/// An event as stored: one row for each deal that it concerns, or one without a deal.
struct HubSpotEventRecord: Hashable, Sendable {
  /// The most bytes of a value that are stored.
  static let valueLimit = 1000

  let portalID: Int64
  let key: String
  /// The deal; empty for an event that concerns none.
  let dealID: String
  let kind: HubSpotWebhookEvent.Kind
  let subscriptionType: String
  let property: String?
  let value: String?
  /// The deal that resulted from a merge.
  let mergedInto: String?
  var occurredAt: Instant
  /// The signer; nil for an event stored before signers were recorded.
  var signer: HubSpotSigner?
}

extension HubSpotWebhookEvent {
  /// The most deals of one event, and the most bytes of its property's name.
  static let dealLimit = 1000
  static let propertyLimit = 256

  /// The rows to store for this event, or why it cannot be stored.
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
    // An event without a deal is never read again, so its value is left out.
    if kind != .other, let value = propertyValue, !Self.isPlain(value, limit: HubSpotEventRecord.valueLimit) {
      return refuse(
        .text,
        "a value of \(value.utf8.count) bytes holds U+0000 or is longer than \(HubSpotEventRecord.valueLimit) bytes")
    }
    return nil
  }

  /// Whether every database can store the text. PostgreSQL has no U+0000.
  private static func isPlain(_ text: String, limit: Int) -> Bool {
    text.utf8.count <= limit && !text.utf8.contains(0)
  }
}

extension RefusedHubSpotEvent: Error {}
