import Values

/// A change in a HubSpot account, as reported by its webhook.
///
/// An event says that something changed, not what was there before: read the deal to learn its current state. Events
/// arrive in any order and may be repeated.
public struct HubSpotWebhookEvent: Equatable, Sendable {
  /// HubSpot's id of the event, which is not guaranteed to be unique.
  public var eventID: Int64
  /// The subscription that caused the event to be sent.
  public var subscriptionID: Int64?
  /// The HubSpot account in which it happened.
  public var portalID: Int64
  /// The app whose subscription it is.
  public var appID: Int64?
  /// When it happened: the only reliable key for ordering events.
  public var occurredAt: Instant
  /// What happened, such as `deal.propertyChange`; unknown types are kept as they are.
  public var subscriptionType: String
  /// How many times the event has been sent before.
  public var attemptNumber: Int64
  /// The changed record; missing where an association changed.
  public var objectID: Int64?
  /// The property that changed.
  public var propertyName: String?
  /// The property's new value, `REDACTED` for sensitive properties in classic subscriptions.
  public var propertyValue: String?
  /// What made the change, such as `CRM_UI` or `INTEGRATION`.
  public var changeSource: String?
  /// Whether the record was created or deleted, such as `NEW` or `DELETED`.
  public var changeFlag: String?
  /// Who made the change, such as `userId:123`.
  public var sourceID: String?
  /// The type of the record in events of generic subscriptions: `0-1` a contact, `0-3` a deal.
  public var objectTypeID: String?
  /// Of a merge: the id of the record that the others are merged into.
  public var primaryObjectID: Int64?
  /// The records that were merged into another.
  public var mergedObjectIDs: [Int64]
  /// Of a merge: the resulting record.
  public var newObjectID: Int64?
  /// The start of an association.
  public var fromObjectID: Int64?
  /// The end of an association.
  public var toObjectID: Int64?
  /// The kinds of record that an association connects, such as `CONTACT_TO_DEAL`.
  public var associationType: String?
  /// Whether the association was removed; false where it was added.
  public var associationRemoved: Bool?
  /// Whether the value is withheld because the property is sensitive.
  public var isSensitive: Bool
}

extension HubSpotWebhookEvent {
  /// What an event means for a deal. Classic `deal.*` events and generic `object.*` events of deals are treated the
  /// same.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// A property of a deal has a new value.
    case dealPropertyChange
    /// A deal was created.
    case dealCreation
    /// A deal was deleted.
    case dealDeletion
    /// A deleted deal was restored.
    case dealRestore
    /// Deals were merged into one.
    case dealMerge
    /// A contact was linked to a deal, or unlinked.
    case contactAssociation
    /// Nothing about a deal.
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

  /// Identifies the event: the same for every attempt to deliver it.
  ///
  /// Account, type, records, id, time in milliseconds and property, separated by `|`.
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
