import Accounts
import App
import AppTestKit
import DecisionEngine
import Decisions
import Formats
import HTTPTypes
import Measurement
import Storage
import Testing
import Values
import Web

/// Control characters are refused wherever the API takes text, by the same rule on both databases. What is tried is made
/// from the API's own description: every string of every request.
struct PlainTextTests {
  private static let badTexts = ["a\u{0}b", "\u{1}", "a\u{1B}[31mb", "a\nb", "a\u{7F}", "a\u{85}b"]

  /// A place in a request's body, such as `stages`, 0, `name`.
  private enum Step: Hashable {
    case member(String)
    case element(Int)
    /// A key of an object whose keys are free.
    case key(String)
  }

  private struct Request {
    let operation: Endpoint
    /// Where the bad text stands, as an answer names it.
    let field: String
    let path: String
    let body: String
  }

  /// The value of a schema with something in every field, and the places of the strings in it.
  private struct Sample {
    let components: JSONValue
    private(set) var places: [[Step]] = []

    mutating func value(_ schema: JSONValue, at place: [Step] = []) throws -> JSONValue {
      if let name = schema["$ref"]?.stringValue?.split(separator: "/").last {
        return try value(components.at(String(name)), at: place)
      }
      if let choice = (schema["anyOf"] ?? schema["oneOf"])?.arrayValue?.first { return try value(choice, at: place) }
      let types = schema["type"]?.arrayValue?.compactMap(\.stringValue) ?? [schema["type"]?.stringValue ?? "string"]
      if types.contains("string") {
        places.append(place)
        return .string(schema["enum"]?.arrayValue?.first?.stringValue ?? "x")
      }
      switch types[0] {
      case "object":
        if let entries = schema["additionalProperties"], entries.kind == .object {
          places.append(place + [.key("x")])
          return .object(JSONObject([(key: "x", value: try value(entries, at: place + [.member("x")]))]))
        }
        let properties = try schema.at("properties")
        return .object(
          JSONObject(
            try properties.keys.map { key in
              (key: key, value: try value(#require(properties[key]), at: place + [.member(key)]))
            }))
      case "array": return .array([try value(schema.at("items"), at: place + [.element(0)])])
      case "boolean": return true
      default:
        guard case .number(let least)? = schema["minimum"] else { return 1 }
        return .number(least)
      }
    }
  }

  private static func replacing(_ place: ArraySlice<Step>, in value: JSONValue, with text: String) -> JSONValue {
    guard let step = place.first else { return .string(text) }
    let rest = place.dropFirst()
    switch (step, value) {
    case (.member(let name), .object(let object)):
      return .object(
        JSONObject(
          object.members.map { member in
            (
              key: member.key,
              value: member.key == name ? replacing(rest, in: member.value, with: text) : member.value
            )
          }))
    case (.key, .object(let object)):
      return .object(JSONObject(object.members.map { (key: text, value: $0.value) }))
    case (.element, .array(let elements)):
      return .array(elements.map { replacing(rest, in: $0, with: text) })
    default: return value
    }
  }

  private static func name(_ place: [Step], _ text: String) -> String {
    place.reduce("") { name, step in
      switch step {
      case .member(let key): name.isEmpty ? key : "\(name).\(key)"
      case .element(let index): "\(name)[\(index)]"
      case .key: "\(name).\(text)"
      }
    }
  }

  private static func requests(_ test: TestSystem, _ document: JSONValue, _ text: String) throws -> [Request] {
    var requests: [Request] = []
    let escaped = try #require(text.addingPercentEncoding())
    // HubSpot's webhook is checked by its signature before its events are read, and its events are another rule's.
    for endpoint in test.system.endpoints where endpoint.path != "/webhooks/hubspot" {
      let path = endpoint.path.replacing("{account_id}", with: "acme").replacing(#/\{[^}]*\}/#, with: "1")
      for parameter in endpoint.query {
        let query = "\(path)?\(parameter.name)=\(escaped)"
        requests.append(Request(operation: endpoint, field: parameter.name, path: query, body: "{}"))
      }
      guard let schema = endpoint.request else { continue }
      var sample = Sample(components: try document.at("components.schemas"))
      let value = try sample.value(schema.json)
      for place in sample.places {
        var json = JSONWriter()
        replacing(place[...], in: value, with: text).write(to: &json)
        requests.append(Request(operation: endpoint, field: name(place, text), path: path, body: json.string))
      }
    }
    return requests
  }

  @Test("Every string of every request is refused with a control character in it, by its field", arguments: badTexts)
  func everyString(_ text: String) async throws {
    let test = try await TestSystem()
    try await test.serving { api in
      let document = try await api.send(.get, "/openapi.json").done()
      let requests = try Self.requests(test, document, text)
      #expect(requests.count > 60)
      let before = try await test.dump()
      // An ad's text may have several lines.
      for request in requests where request.field != "primary_text" || text != "a\nb" {
        let endpoint = request.operation
        let method = HTTPRequest.Method(rawValue: endpoint.method.rawValue) ?? .get
        let answer = try await api.send(
          method, request.path, bytes: endpoint.request == nil ? nil : Array(request.body.utf8))
        guard case .role = endpoint.access else { continue }
        let refusal = try answer.refusal()
        #expect(refusal.status == 422, "\(method) \(request.path) \(request.field)")
        #expect(refusal.fields.contains(request.field), "\(method) \(request.path) \(refusal.message)")
      }
      #expect(try await test.dump() == before)
    }
  }

  @Test("An escaped control character in a path is refused", arguments: badTexts)
  func paths(_ text: String) async throws {
    let test = try await TestSystem()
    let escaped = try #require(text.addingPercentEncoding())
    try await test.serving { api in
      let before = try await test.dump()
      for endpoint in test.system.endpoints {
        for name in endpoint.parameterNames {
          let path = endpoint.path.replacing("{\(name)}", with: escaped).replacing("{account_id}", with: "acme")
          let answer = try await api.send(
            HTTPRequest.Method(rawValue: endpoint.method.rawValue) ?? .get, path,
            bytes: endpoint.request == nil ? nil : Array("{}".utf8))
          #expect(answer.status == 400, "\(path) \(answer.status)")
        }
      }
      #expect(try await test.dump() == before)
    }
  }

  @Test("What was stored before the rule is read and decided by as it was")
  func stored() async throws {
    let test = try await TestSystem()
    let name = "deal\tsigned"
    try await test.system.database.write { transaction in
      let stored: String = try #require(
        try transaction.first("SELECT configuration FROM account_configurations")
      ).get("configuration")
      let changed = stored.replacing("closed_won", with: #"deal\tsigned"#)
      try transaction.execute("UPDATE account_configurations SET configuration = \(changed)")
    }
    let configuration = try await test.system.accounts.configuration(of: test.account)
    #expect(configuration.stages.stages.contains { $0.name == name })
    try await test.importText("ad_id,date,impressions,clicks,spend\n1,2026-05-20,1000,20,100\n", as: .adsCSV)
    let decided = try await test.decide("50")
    #expect(try await test.system.decisions.replay(decided.id).isIdentical)
  }

  @Test("A key's name has no control characters, whoever makes it")
  func keyName() async throws {
    let test = try await TestSystem()
    let error = await #expect(throws: APIKeyError.self) {
      try await test.system.keys.create(
        APIKeyDraft(role: .viewer, name: "a\u{1B}b"), for: test.account, by: .system)
    }
    #expect(error?.apiError.details.map(\.field) == ["name"])
  }
}

extension String {
  fileprivate func addingPercentEncoding() -> String? {
    utf8.map { byte in
      let digits = String(byte, radix: 16, uppercase: true)
      return "%" + (digits.utf8.count == 1 ? "0" : "") + digits
    }.joined()
  }
}
