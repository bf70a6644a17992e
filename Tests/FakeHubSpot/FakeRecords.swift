import Formats
import Values

/// A value that a property has had.
struct FakeVersion: Sendable {
  let value: String
  let timestamp: Instant
}

/// A record with the past of its properties, the newest value first.
struct FakeRecord: Sendable {
  let id: Int64
  let createdAt: Instant
  var updatedAt: Instant
  var versions: [String: [FakeVersion]] = [:]
  var isArchived = false
  /// The contacts linked to a deal.
  var contacts: [Int64] = []

  init(id: Int64, at instant: Instant) {
    self.id = id
    createdAt = instant
    updatedAt = instant
  }

  /// Gives a property a value; returns whether that changed it.
  mutating func set(_ property: String, to value: String, at instant: Instant) -> Bool {
    guard versions[property]?.first?.value != value else { return false }
    versions[property, default: []].insert(FakeVersion(value: value, timestamp: instant), at: 0)
    updatedAt = max(updatedAt, instant)
    return true
  }
}

/// A kind of record: how it is called and what HubSpot always tells of it.
enum FakeKind: String, Sendable {
  case deals
  case contacts

  var lastModified: String { self == .deals ? "hs_lastmodifieddate" : "lastmodifieddate" }

  /// What is told where no properties are asked for.
  var usualProperties: [String] {
    self == .deals ? ["amount", "closedate", "dealname", "dealstage", "pipeline"] : ["email", "firstname", "lastname"]
  }
}

/// What a request wants to know of records.
struct FakeSelection: Sendable {
  var properties: [String] = []
  var history: [String] = []
  var associations: [String] = []
}

extension FakeRecord {
  /// A property's value, those included that HubSpot itself keeps.
  func value(of property: String, _ kind: FakeKind) -> String? {
    switch property {
    case "hs_object_id": "\(id)"
    case "createdate": writtenText(createdAt)
    case kind.lastModified: writtenText(updatedAt)
    default: versions[property]?.first?.value
    }
  }

  /// The record as an answer holds it.
  func json(_ kind: FakeKind, _ selection: FakeSelection, associationPage: Int) -> JSONValue {
    let asked = selection.properties.isEmpty ? kind.usualProperties : selection.properties
    var names: [String] = []
    for name in asked + selection.history + ["createdate", kind.lastModified, "hs_object_id"]
    where !names.contains(name) { names.append(name) }
    let properties = names.map { (key: $0, value: value(of: $0, kind).map(JSONValue.string) ?? .null) }
    return .present([
      ("id", .string("\(id)")), ("properties", .object(JSONObject(properties))),
      ("propertiesWithHistory", selection.history.isEmpty ? nil : history(selection.history)),
      ("createdAt", written(createdAt)), ("updatedAt", written(updatedAt)), ("archived", .bool(isArchived)),
      ("associations", associations(selection, associationPage)),
    ])
  }

  private func history(_ properties: [String]) -> JSONValue {
    .object(
      JSONObject(
        properties.map { name in
          let values = (versions[name] ?? []).prefix(20).map { version -> JSONValue in
            [
              "value": .string(version.value), "timestamp": written(version.timestamp), "sourceType": "CRM_UI",
              "sourceId": "userId:1", "sourceLabel": nil, "updatedByUserId": 1,
            ]
          }
          return (name, .array(Array(values)))
        }))
  }

  private func associations(_ selection: FakeSelection, _ pageSize: Int) -> JSONValue? {
    guard selection.associations.contains("contacts"), !contacts.isEmpty else { return nil }
    let results = contacts.prefix(pageSize).map { ["id": .string("\($0)"), "type": "deal_to_contact"] as JSONValue }
    let paging: JSONValue? = contacts.count > pageSize ? ["next": ["after": .string("\(pageSize)"), "link": ""]] : nil
    return ["contacts": .present([("results", .array(Array(results))), ("paging", paging)])]
  }
}

/// The one pipeline that a new HubSpot account has.
enum FakePipelines {
  private static let stages = [
    ("appointmentscheduled", "Appointment Scheduled", "0.2"), ("qualifiedtobuy", "Qualified To Buy", "0.4"),
    ("presentationscheduled", "Presentation Scheduled", "0.6"),
    ("decisionmakerboughtin", "Decision Maker Bought-In", "0.8"), ("contractsent", "Contract Sent", "0.9"),
    ("closedwon", "Closed Won", "1.0"), ("closedlost", "Closed Lost", "0.0"),
  ]

  static func usual(at instant: Instant) -> JSONValue {
    let stages = stages.enumerated().map { index, stage -> JSONValue in
      [
        "id": .string(stage.0), "label": .string(stage.1), "displayOrder": .integer(index), "archived": false,
        "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
        "metadata": ["isClosed": .string("\(index >= 5)"), "probability": .string(stage.2)],
        "createdAt": written(instant), "updatedAt": written(instant),
      ]
    }
    return [
      "id": "default", "label": "Sales Pipeline", "displayOrder": 0, "archived": false,
      "createdAt": written(instant), "updatedAt": written(instant), "stages": .array(stages),
    ]
  }
}
