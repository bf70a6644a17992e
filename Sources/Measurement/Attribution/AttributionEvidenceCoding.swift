import Formats
import Storage
import Values

/// The evidence for a deal's credit, as the database stores it.
enum AttributionEvidenceCoding {
  /// Writes the evidence as a JSON object, moments in microseconds since 1970.
  static func text(of evidence: AttributionEvidence) -> String {
    var json = JSONWriter()
    json.object { json in
      json.key("crm")
      write(evidence.crm, to: &json)
      json.member("dealCreatedAt", evidence.dealCreatedAt?.microseconds)
      json.member("gap", evidence.gap)
      json.key("reported")
      write(evidence.reported, to: &json)
    }
    return json.string
  }

  private static func write(_ clues: AttributionEvidence.Clues, to json: inout JSONWriter) {
    json.object { json in
      json.key("candidates")
      json.array { json in
        for candidate in clues.candidates {
          json.object { json in
            json.member("at", candidate.at?.microseconds)
            json.member("method", candidate.method.rawValue)
            json.member("name", candidate.name)
            json.member("value", candidate.value)
          }
        }
      }
      json.key("clickIDs")
      json.array { json in for id in clues.clickIDs { json.value(id) } }
    }
  }

  /// Reads what ``text(of:)`` wrote. Throws ``DatabaseError/unreadableColumn(_:)`` for anything else.
  static func read(_ text: String) throws -> AttributionEvidence {
    do {
      return try JSONReader.read(text) { json in
        var evidence = AttributionEvidence()
        try json.readObject { key, json in
          switch key {
          case "crm": evidence.crm = try clues(&json)
          case "reported": evidence.reported = try clues(&json)
          case "dealCreatedAt": evidence.dealCreatedAt = try moment(&json)
          case "gap": evidence.gap = try json.readNull() ? nil : json.readString()
          default: try json.skipValue()
          }
        }
        return evidence
      }
    } catch is JSONError {
      throw DatabaseError.unreadableColumn("evidence")
    }
  }

  private static func clues(_ json: inout JSONReader) throws -> AttributionEvidence.Clues {
    var clues = AttributionEvidence.Clues()
    try json.readObject { key, json in
      switch key {
      case "candidates": try json.readArray { _, json in clues.add(try candidate(&json)) }
      case "clickIDs": try json.readArray { _, json in clues.add(clickID: try json.readString()) }
      default: try json.skipValue()
      }
    }
    return clues
  }

  private static func candidate(_ json: inout JSONReader) throws -> AttributionEvidence.Candidate {
    var (method, name, value, at) = (AttributionMethod?.none, String?.none, String?.none, Instant?.none)
    try json.readObject { key, json in
      switch key {
      case "method": method = AttributionMethod(rawValue: try json.readString())
      case "name": name = try json.readString()
      case "value": value = try json.readString()
      case "at": at = try moment(&json)
      default: try json.skipValue()
      }
    }
    guard let method, let name, let value else { throw DatabaseError.unreadableColumn("evidence") }
    return AttributionEvidence.Candidate(method: method, name: name, value: value, at: at)
  }

  private static func moment(_ json: inout JSONReader) throws -> Instant? {
    try json.readNull() ? nil : Instant(microseconds: json.readInteger())
  }
}
