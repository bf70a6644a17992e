import Formats
import Values

/// All that one HubSpot account holds.
package struct Portal: Sendable {
  /// The account's number.
  package let id: Int64
  /// Deals by their number.
  package private(set) var deals: [Int64: PortalRecord] = [:]
  /// Contacts by their number.
  package private(set) var contacts: [Int64: PortalRecord] = [:]
  /// Pipelines as HubSpot writes them.
  package private(set) var pipelines: [JSONValue]
  private let appID: Int64 = 1_160_452
  private let usesGenericEvents: Bool
  /// The properties of deals whose changes are told; nil for all.
  private let toldProperties: Set<String>?
  /// Where the numbers of merged deals lead.
  private var survivors: [Int64: Int64] = [:]
  /// Events that no webhook has told yet, the oldest first.
  private var events: [JSONValue] = []
  private var eventCount: Int64 = 3_816_279_340

  /// Makes an account without records.
  ///
  /// With `usesGenericEvents` its webhooks tell of `object.*` instead of `deal.*`; of changes they tell those of
  /// `toldProperties`, or all where that is nil.
  package init(
    id: Int64, pipelines: [JSONValue], usesGenericEvents: Bool = false,
    toldProperties: Set<String>? = nil
  ) {
    self.id = id
    self.pipelines = pipelines
    self.usesGenericEvents = usesGenericEvents
    self.toldProperties = toldProperties
  }

  /// Adds a pipeline, or replaces the one of the same id.
  package mutating func setPipeline(_ pipeline: JSONValue) {
    pipelines.removeAll { $0["id"] == pipeline["id"] }
    pipelines.append(pipeline)
  }

  /// A record by its number or by that of one merged into it.
  func record(_ kind: PortalRecordKind, _ id: Int64, archived: Bool) -> PortalRecord? {
    let record = kind == .deals ? deals[survivors[id] ?? id] : contacts[id]
    return record.flatMap { $0.isArchived == archived ? $0 : nil }
  }

  /// Makes or changes a deal; contacts stay as they are where `contacts` is nil.
  package mutating func setDeal(
    _ id: Int64, _ properties: [String: String], contacts: [Int64]?, at instant: Instant
  ) {
    var deal = deals[id] ?? PortalRecord(id: id, at: instant)
    let isNew = deals[id] == nil
    var changed: [(name: String, value: String)] = []
    for (name, value) in properties.sorted(by: { $0.key < $1.key })
    where deal.set(name, to: value, at: instant) {
      changed.append((name, value))
    }
    let before = deal.contacts
    deal.contacts = contacts ?? before
    deals[id] = deal
    if isNew { tell("creation", id, at: instant, [("changeFlag", "CREATED")]) }
    for (name, value) in changed where toldProperties?.contains(name) != false {
      tell(
        "propertyChange", id, at: instant,
        [("propertyName", .string(name)), ("propertyValue", .string(value))])
    }
    for contact in deal.contacts where !before.contains(contact) {
      tellLink(contact, id, false, at: instant)
    }
    for contact in before where !deal.contacts.contains(contact) {
      tellLink(contact, id, true, at: instant)
    }
  }

  /// Makes or changes a contact.
  package mutating func setContact(_ id: Int64, _ properties: [String: String], at instant: Instant) {
    var contact = contacts[id] ?? PortalRecord(id: id, at: instant)
    for (name, value) in properties { _ = contact.set(name, to: value, at: instant) }
    contacts[id] = contact
  }

  /// Deletes a deal or brings it back; returns false where there is none.
  package mutating func setArchived(_ id: Int64, _ isArchived: Bool, at instant: Instant) -> Bool {
    guard deals[id] != nil else { return false }
    deals[id]?.isArchived = isArchived
    deals[id]?.updatedAt = instant
    tell(
      isArchived ? "deletion" : "restore", id, at: instant,
      [("changeFlag", isArchived ? "DELETED" : "RESTORED")])
    return true
  }

  /// Makes the number of one deal lead to another; returns false where either is missing.
  package mutating func merge(_ id: Int64, into survivor: Int64, at instant: Instant) -> Bool {
    guard id != survivor, let merged = deals[id], deals[survivor] != nil else { return false }
    for contact in merged.contacts where deals[survivor]?.contacts.contains(contact) == false {
      deals[survivor]?.contacts.append(contact)
    }
    deals[id] = nil
    deals[survivor]?.updatedAt = instant
    for (old, target) in survivors where target == id { survivors[old] = survivor }
    survivors[id] = survivor
    tell(
      "merge", survivor, at: instant,
      [
        ("primaryObjectId", .integer(survivor)), ("mergedObjectIds", [.integer(id)]),
        ("newObjectId", .integer(survivor)), ("numberOfPropertiesMoved", 0),
      ])
    return true
  }

  /// Takes up to `count` events that no webhook has told yet.
  package mutating func takeEvents(_ count: Int) -> [JSONValue] {
    let taken = events.prefix(count)
    events.removeFirst(taken.count)
    return Array(taken)
  }

  /// Forgets the events that no webhook has told yet.
  mutating func forgetEvents() {
    events = []
  }

  /// Puts events back that were not taken, before all others, to be told once more.
  package mutating func putBack(_ taken: [JSONValue]) {
    events.insert(contentsOf: Self.anotherAttempt(taken), at: 0)
  }

  /// The events of a webhook that is sent once more.
  static func anotherAttempt(_ events: [JSONValue]) -> [JSONValue] {
    events.map { event -> JSONValue in
      guard case .object(var object) = event, let attempt = event["attemptNumber"]?.integer else {
        return event
      }
      for index in object.members.indices where object.members[index].key == "attemptNumber" {
        object.members[index].value = .integer(attempt + 1)
      }
      return .object(object)
    }
  }

  private mutating func tell(
    _ what: String, _ id: Int64, at instant: Instant, _ members: [(key: String, value: JSONValue?)]
  ) {
    let type = usesGenericEvents ? "object.\(what)" : "deal.\(what)"
    append(
      type, at: instant, [("objectId", .integer(id))] + members + [("objectTypeId", genericType)])
  }

  private mutating func tellLink(
    _ contact: Int64, _ deal: Int64, _ isRemoved: Bool, at instant: Instant
  ) {
    append(
      usesGenericEvents ? "object.associationChange" : "contact.associationChange", at: instant,
      [
        ("associationType", "CONTACT_TO_DEAL"), ("fromObjectId", .integer(contact)),
        ("toObjectId", .integer(deal)),
        ("associationRemoved", .bool(isRemoved)), ("isPrimaryAssociation", false),
      ])
  }

  private var genericType: JSONValue? { usesGenericEvents ? "0-3" : nil }

  private mutating func append(
    _ type: String, at instant: Instant, _ members: [(key: String, value: JSONValue?)]
  ) {
    eventCount += 1
    let common: [(key: String, value: JSONValue?)] = [
      ("eventId", .integer(eventCount)), ("subscriptionId", 25), ("portalId", .integer(id)),
      ("appId", .integer(appID)), ("occurredAt", .integer(instant.microseconds / 1_000)),
      ("subscriptionType", .string(type)), ("attemptNumber", 0), ("changeSource", "CRM_UI"),
      ("sourceId", "userId:864745280"),
    ]
    events.append(.present(common + members))
  }
}
