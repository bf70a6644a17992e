import Formats
import Values

/// A value that a property has had.
package struct PortalVersion: Sendable {
  package let value: String
  /// Since when.
  package let timestamp: Instant
}

/// A record with the past of its properties, the newest value first.
package struct PortalRecord: Sendable {
  let id: Int64
  let createdAt: Instant
  var updatedAt: Instant
  /// The values of each property.
  package private(set) var versions: [String: [PortalVersion]] = [:]
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
    versions[property, default: []].insert(PortalVersion(value: value, timestamp: instant), at: 0)
    updatedAt = max(updatedAt, instant)
    return true
  }
}

/// A kind of record: how it is called and what HubSpot always tells of it.
enum PortalRecordKind: String, Sendable {
  case deals
  case contacts

  var lastModified: String { self == .deals ? "hs_lastmodifieddate" : "lastmodifieddate" }

  /// What is told where no properties are asked for.
  var usualProperties: [String] {
    self == .deals
      ? ["amount", "closedate", "dealname", "dealstage", "pipeline"]
      : ["email", "firstname", "lastname"]
  }
}

/// What a request wants to know of records.
struct PortalSelection: Sendable {
  var properties: [String] = []
  var history: [String] = []
  var associations: [String] = []
}

extension PortalRecord {
  /// A property's value, those included that HubSpot itself keeps.
  func value(of property: String, _ kind: PortalRecordKind) -> String? {
    switch property {
    case "hs_object_id": "\(id)"
    case "createdate": writtenText(createdAt)
    case kind.lastModified: writtenText(updatedAt)
    default: versions[property]?.first?.value
    }
  }

  /// The record as an answer holds it.
  func json(_ kind: PortalRecordKind, _ selection: PortalSelection, associationPage: Int)
    -> JSONValue
  {
    let asked = selection.properties.isEmpty ? kind.usualProperties : selection.properties
    var names: [String] = []
    for name in asked + selection.history + ["createdate", kind.lastModified, "hs_object_id"]
    where !names.contains(name) { names.append(name) }
    let properties = names.map {
      (key: $0, value: value(of: $0, kind).map(JSONValue.string) ?? .null)
    }
    return .present([
      ("id", .string("\(id)")), ("properties", .object(JSONObject(properties))),
      ("propertiesWithHistory", selection.history.isEmpty ? nil : history(selection.history)),
      ("createdAt", written(createdAt)), ("updatedAt", written(updatedAt)),
      ("archived", .bool(isArchived)),
      ("associations", associations(selection, associationPage)),
    ])
  }

  private func history(_ properties: [String]) -> JSONValue {
    .object(
      JSONObject(
        properties.map { name in
          let values = (versions[name] ?? []).prefix(20).map { version -> JSONValue in
            [
              "value": .string(version.value), "timestamp": written(version.timestamp),
              "sourceType": "CRM_UI",
              "sourceId": "userId:1", "sourceLabel": nil, "updatedByUserId": 1,
            ]
          }
          return (name, .array(Array(values)))
        }))
  }

  private func associations(_ selection: PortalSelection, _ pageSize: Int) -> JSONValue? {
    guard selection.associations.contains("contacts"), !contacts.isEmpty else { return nil }
    let results = contacts.prefix(pageSize).map {
      ["id": .string("\($0)"), "type": "deal_to_contact"] as JSONValue
    }
    let paging: JSONValue? =
      contacts.count > pageSize ? ["next": ["after": .string("\(pageSize)"), "link": ""]] : nil
    return ["contacts": .present([("results", .array(Array(results))), ("paging", paging)])]
  }
}

/// Pipelines as HubSpot writes them.
package enum PortalPipelines {
  /// A stage by its id and label, and how likely a deal in it is to be won: 1 is a sale, and a closed stage of 0 a loss.
  package struct Stage: Sendable {
    let id: String
    let label: String
    let probability: String
    let isClosed: Bool

    init(_ id: String, _ label: String, _ probability: String, isClosed: Bool = false) {
      self.id = id
      self.label = label
      self.probability = probability
      self.isClosed = isClosed
    }
  }

  /// The one pipeline that a new account has.
  package static func usual(at instant: Instant) -> JSONValue {
    pipeline(
      [
        Stage("appointmentscheduled", "Appointment Scheduled", "0.2"),
        Stage("qualifiedtobuy", "Qualified To Buy", "0.4"),
        Stage("presentationscheduled", "Presentation Scheduled", "0.6"),
        Stage("decisionmakerboughtin", "Decision Maker Bought-In", "0.8"),
        Stage("contractsent", "Contract Sent", "0.9"),
        Stage("closedwon", "Closed Won", "1.0", isClosed: true),
        Stage("closedlost", "Closed Lost", "0.0", isClosed: true),
      ], at: instant)
  }

  /// The pipeline called `default`, of these stages.
  static func pipeline(_ stages: [Stage], at instant: Instant) -> JSONValue {
    let written = written(instant)
    let stages = stages.enumerated().map { index, stage -> JSONValue in
      [
        "id": .string(stage.id), "label": .string(stage.label), "displayOrder": .integer(index),
        "archived": false,
        "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
        "metadata": [
          "isClosed": .string("\(stage.isClosed)"), "probability": .string(stage.probability),
        ],
        "createdAt": written, "updatedAt": written,
      ]
    }
    return [
      "id": "default", "label": "Sales Pipeline", "displayOrder": 0, "archived": false,
      "createdAt": written,
      "updatedAt": written, "stages": .array(stages),
    ]
  }
}
