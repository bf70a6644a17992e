import Values

/// One thing that happened in a HubSpot account, as its webhook tells it.
///
/// An event says that something changed, not what was there before: read the deal to know where it stands. Events
/// come in any order and may come again.
public struct HubSpotWebhookEvent: Equatable, Sendable {
  /// HubSpot's number of the event, which is not promised to be unique.
  public var eventID: Int64
  /// The subscription that asked for the event.
  public var subscriptionID: Int64?
  /// The HubSpot account in which it happened.
  public var portalID: Int64
  /// The app whose subscription it is.
  public var appID: Int64?
  /// When it happened: the only key to order events by.
  public var occurredAt: Instant
  /// What happened, such as `deal.propertyChange`; unknown types are kept as they are.
  public var subscriptionType: String
  /// How often the event has been sent before.
  public var attemptNumber: Int64
  /// The record that it happened to; missing where an association changed.
  public var objectID: Int64?
  /// The property that changed.
  public var propertyName: String?
  /// The property's new value, `REDACTED` for sensitive ones of classic subscriptions.
  public var propertyValue: String?
  /// What made the change, such as `CRM_UI` or `INTEGRATION`.
  public var changeSource: String?
  /// Whether the record is new or gone, such as `NEW` or `DELETED`.
  public var changeFlag: String?
  /// Who made the change, such as `userId:123`.
  public var sourceID: String?
  /// The type of the record in events of generic subscriptions: `0-1` a contact, `0-3` a deal.
  public var objectTypeID: String?
  /// The record that others were merged into, before the merge.
  public var primaryObjectID: Int64?
  /// The records that were merged into another.
  public var mergedObjectIDs: [Int64]
  /// The record that a merge left.
  public var newObjectID: Int64?
  /// The record that an association leads from.
  public var fromObjectID: Int64?
  /// The record that an association leads to.
  public var toObjectID: Int64?
  /// The ends of an association, such as `CONTACT_TO_DEAL`.
  public var associationType: String?
  /// Whether the association is gone; false where it is new.
  public var associationRemoved: Bool?
  /// Whether the value is withheld because the property is sensitive.
  public var isSensitive: Bool
}

extension HubSpotWebhookEvent {
  /// What an event means for a deal. Classic `deal.*` and generic `object.*` events of deals are the same.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// A property of a deal has a new value.
    case dealPropertyChange
    /// A deal was made.
    case dealCreation
    /// A deal was deleted.
    case dealDeletion
    /// A deleted deal is back.
    case dealRestore
    /// Deals were merged into one.
    case dealMerge
    /// A contact was linked to a deal, or a link taken away.
    case contactAssociation
    /// Nothing that concerns a deal.
    case other
  }

  /// What the event means for a deal.
  public var kind: Kind {
    let parts = subscriptionType.split(separator: ".", maxSplits: 1)
    guard parts.count == 2 else { return .other }
    if parts[1] == "associationChange" { return dealOfAssociation == nil ? .other : .contactAssociation }
    guard parts[0] == "deal" || parts[0] == "object" && objectTypeID == "0-3" else { return .other }
    switch parts[1] {
    case "propertyChange": return .dealPropertyChange
    case "creation": return .dealCreation
    case "deletion": return .dealDeletion
    case "restore": return .dealRestore
    case "merge": return .dealMerge
    default: return .other
    }
  }

  /// The deals that the event concerns, each once: those to read again. None for ``Kind/other``.
  public var dealIDs: [Int64] {
    switch kind {
    case .other: []
    case .contactAssociation: dealOfAssociation.map { [$0] } ?? []
    case .dealMerge: Self.unique([newObjectID, primaryObjectID, objectID] + mergedObjectIDs)
    default: Self.unique([objectID])
    }
  }

  /// What tells this event from others: the same for every attempt to deliver it.
  ///
  /// Account, type, records, number, time in milliseconds and property, separated by `|`.
  public var deduplicationKey: String {
    let records = [objectID, primaryObjectID, newObjectID, fromObjectID, toObjectID].map { $0.map { "\($0)" } ?? "" }
    let milliseconds = occurredAt.microseconds / 1_000
    return
      ([
        "\(portalID)", subscriptionType, records.joined(separator: ","), "\(eventID)", "\(milliseconds)",
        propertyName ?? "",
      ]).joined(separator: "|")
  }

  /// The deal at one end of an association whose other end is a contact.
  private var dealOfAssociation: Int64? {
    switch associationType {
    case "CONTACT_TO_DEAL": toObjectID
    case "DEAL_TO_CONTACT": fromObjectID
    default: nil
    }
  }

  private static func unique(_ ids: [Int64?]) -> [Int64] {
    var seen: Set<Int64> = []
    return ids.compactMap { $0 }.filter { seen.insert($0).inserted }
  }
}
