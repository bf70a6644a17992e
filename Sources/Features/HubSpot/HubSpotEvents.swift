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
  let occurredAt: Instant
}

extension HubSpotWebhookEvent {
  /// The rows that keep this event.
  var records: [HubSpotEventRecord] {
    let deals = dealIDs.isEmpty ? [""] : dealIDs.map { "\($0)" }
    let key = deduplicationKey
    let value = propertyValue.map { $0.utf8.count > HubSpotEventRecord.valueLimit ? "" : $0 }
    return deals.map { dealID in
      HubSpotEventRecord(
        portalID: portalID, key: key, dealID: dealID, kind: kind, subscriptionType: subscriptionType,
        property: propertyName, value: value, mergedInto: newObjectID.map { "\($0)" }, occurredAt: occurredAt)
    }
  }
}

/// What became of the events of a request.
public struct HubSpotIntakeReport: Hashable, Sendable {
  /// Events that are kept and will be worked off.
  public var accepted = 0
  /// Events that were here already.
  public var duplicates = 0
  /// Events that are kept but concern no deal.
  public var ignored = 0
}
