import App
import AppTestKit
import Formats
import HTTPTypes
import Measurement
import Testing
import Web

/// The API's description, held to the API.
struct OpenAPITests {
  private func withDocument(_ body: @escaping @Sendable (TestSystem, JSONValue) throws -> Void) async throws {
    let test = try await TestSystem()
    try await test.serving { api in
      try body(test, try await api.with(key: nil).send(.get, "/openapi.json").done())
    }
  }

  private static func operations(_ document: JSONValue) throws -> [(name: String, operation: JSONValue)] {
    let paths = try document.at("paths")
    return try paths.keys.flatMap { path in
      let operations = try #require(paths[path])
      return try operations.keys.map { ("\($0.uppercased()) \(path)", try #require(operations[$0])) }
    }
  }

  @Test("Every endpoint is described, and nothing else is")
  func endpoints() async throws {
    try await withDocument { test, document in
      #expect(try document.text("openapi") == "3.1.0")
      let described = try Self.operations(document).map(\.name)
      #expect(
        described.sorted()
          == test.system.endpoints.filter { !$0.isPage }.map { "\($0.method.rawValue) \($0.path)" }.sorted())
      #expect(described.count > 10)
    }
  }

  /// What is taken and done later.
  private static let later = [
    "POST /webhooks/hubspot", "POST /api/meta/sync", "POST /api/launches", "POST /api/launches/{launch_id}/retry",
  ]

  @Test("Each operation has a name of its own, an answer, and the errors it can give")
  func operations() async throws {
    try await withDocument { _, document in
      let operations = try Self.operations(document)
      let names = try operations.map { try $0.operation.text("operationId") }
      #expect(Set(names).count == names.count)
      for (name, operation) in operations {
        let responses = try operation.at("responses")
        let successes = responses.keys.filter { $0.hasPrefix("2") }
        #expect(successes == [Self.later.contains(name) ? "202" : "200"], "\(name)")
        for status in responses.keys where !successes.contains(status) {
          let schema = try #require(responses[status]).at("content.application/json.schema")
          #expect(try schema.text("$ref") == "#/components/schemas/Error", "\(name) \(status)")
        }
        let checksCaller = operation["security"] != nil || name == "POST /webhooks/hubspot"
        #expect(responses.keys.contains("401") == checksCaller, "\(name)")
        #expect(responses.keys.contains("413") == (operation["requestBody"] != nil), "\(name)")
      }
    }
  }

  @Test("Every reference resolves, and every schema is referred to")
  func references() async throws {
    try await withDocument { _, document in
      var found = Set<String>()
      func collect(_ value: JSONValue) throws {
        if let reference = value["$ref"]?.stringValue { found.insert(reference) }
        for element in value.arrayValue ?? [] { try collect(element) }
        for key in value.keys { try collect(#require(value[key])) }
      }
      try collect(document)
      let schemas = try document.at("components.schemas").keys
      #expect(found == Set(schemas.map { "#/components/schemas/\($0)" }))
      #expect(schemas.count > 10)
    }
  }

  @Test("Every parameter in a path is described")
  func parameters() async throws {
    try await withDocument { test, document in
      for (name, operation) in try Self.operations(document) {
        let inPath = name.split(separator: "{").dropFirst().compactMap {
          $0.split(separator: "}").first.map(String.init)
        }
        let described =
          try operation["parameters"]?.arrayValue?.filter { try $0.text("in") == "path" }
          .map { try $0.text("name") } ?? []
        #expect(described == inPath, "\(name)")
      }
    }
  }

  @Test("Answers have the fields that their schemas require, and no others")
  func answers() async throws {
    let test = try await TestSystem()
    try await test.importText("ad_id,date,impressions,clicks,spend\nA,2026-05-20,1000,10,50\n", as: .adsCSV)
    try await test.serving { api in
      let document = try await api.send(.get, "/openapi.json").done()
      let schemas = try document.at("components.schemas")
      let answers: [(String, JSONValue)] = [
        ("Selection", try await api.post(SelectTests.path, #"{"total_budget": 40}"#).done()),
        ("Judgements", try await api.post("/api/ml/battle-hardened/decide", "{}").done()),
        ("FatigueReport", try await api.post("/api/ml/fatigue/check", #"{"ad_id": "A"}"#).done()),
        ("Stages", try await api.post("/api/ml/synthetic-revenue/get-stages", "{}").done()),
        ("Configuration", try await api.send(.get, "/api/accounts/acme/configuration").done()),
      ]
      for (name, answer) in answers {
        let schema = try #require(schemas[name])
        let known = Set(try schema.at("properties").keys)
        let required = Set(try schema.list("required").compactMap(\.stringValue))
        #expect(Set(answer.keys).isSubset(of: known), "\(name)")
        #expect(required.isSubset(of: answer.keys), "\(name)")
      }
    }
  }
}
