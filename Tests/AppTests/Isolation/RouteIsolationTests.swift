import Accounts
import App
import AppTestKit
import Formats
import HTTPTypes
import Jobs
import Storage
import TestKit
import Testing
import Values

/// Two accounts that are full of data, and every operation of the API called with the key of one and the ids of the
/// other. Operations are read from the API's own description, so that new ones are tried by themselves.
struct RouteIsolationTests {
  private struct Operation {
    let method: HTTPRequest.Method
    let path: String
    let pathParameters: [String]
    let query: [String]
    let body: JSONValue?

    var name: String { "\(method.rawValue) \(path)" }
  }

  private static func withTenants(
    _ body: @escaping @Sendable (TestSystem, TestAPI, [Tenant]) async throws -> Void
  ) async throws {
    let test = try await TestSystem()
    let tenants = try await Tenant.pair(in: test)
    try await test.serving { api in try await body(test, api, tenants) }
  }

  @Test("No operation shows or changes anything of another account")
  func crossed() async throws {
    try await Self.withTenants { test, api, tenants in
      let operations = try Self.operations(await api.send(.get, "/openapi.json").done())
      #expect(operations.count > 25)
      for (caller, victim) in [(tenants[0], tenants[1]), (tenants[1], tenants[0])] {
        let before = try await Self.rows(of: victim, in: test)
        try #require(before.count > 20)
        // First nothing of the victim stands in a query or body; what later stands there may become the caller's own.
        let named = victim.ids.filter { $0.key != "account_id" }
        for (ids, marks) in [
          ([:], victim.marks), (named, victim.marks.subtracting(victim.ids.values)),
          (victim.ids, victim.marks.subtracting(victim.ids.values)),
        ] {
          for operation in operations where operation.path != "/openapi.json" {
            try await Self.call(operation, as: caller, ids: ids, victim: victim, seeking: marks, api)
          }
        }
        #expect(try await Self.rows(of: victim, in: test) == before, "\(caller.account) changed \(victim.account)")
      }
    }
  }

  /// No operation that only reads shows clicks or the names of ads.
  private static let unseen = ["Hook", "click"]

  @Test("With its own key and ids an account sees its own, so what is sought for is there to be found")
  func own() async throws {
    try await Self.withTenants { test, api, tenants in
      let operations = try Self.operations(await api.send(.get, "/openapi.json").done())
      for tenant in tenants {
        var found: Set<String> = []
        for operation in operations where operation.method == .get {
          let target = try Self.target(of: operation, ids: tenant.ids, query: false)
          let text = String(decoding: try await api.with(key: tenant.token).send(.get, target).bytes, as: UTF8.self)
          found.formUnion(tenant.marks.filter { text.contains($0) })
        }
        let missed = tenant.marks.subtracting(found).filter { mark in !Self.unseen.contains { mark.hasPrefix($0) } }
        #expect(missed == [], "of \(tenant.account)")
      }
    }
  }

  /// Calls an operation with the victim's ids in its path and `ids` in its body. What the request does not say must not
  /// be answered.
  private static func call(
    _ operation: Operation, as caller: Tenant, ids: [String: String], victim: Tenant, seeking marks: Set<String>,
    _ api: TestAPI
  ) async throws {
    // Without the victim's account in the path, the caller's own stands there with the victim's other ids.
    let own = ["account_id": caller.account.value]
    let pathIDs = ids["account_id"] == nil ? victim.ids.merging(own) { $1 } : victim.ids
    let target = try self.target(of: operation, ids: pathIDs, query: !ids.isEmpty)
    let body = operation.body.map { filled($0, ids) }
    var json = JSONWriter()
    body?.write(to: &json)
    let answer = try await api.with(key: caller.token).send(
      operation.method, target, bytes: body == nil ? nil : json.bytes)
    let request = target + String(decoding: json.bytes, as: UTF8.self)
    let text = String(decoding: answer.bytes, as: UTF8.self)
    #expect(answer.status < 500 || answer.status == 503, "\(operation.name): \(text)")
    if operation.pathParameters.contains(where: { $0 != "version" && pathIDs[$0] != caller.account.value }) {
      #expect([403, 404].contains(answer.status), "\(operation.name): \(answer.status) \(text)")
    }
    for mark in marks where !request.contains(mark) {
      #expect(!text.contains(mark), "\(operation.name) answers \(mark) of \(victim.account)")
    }
  }

  /// The path with its parameters filled. A parameter that nobody has an id for fails the test: give ``Tenant/ids`` one.
  private static func target(of operation: Operation, ids: [String: String], query: Bool) throws -> String {
    var path = operation.path
    for name in operation.pathParameters {
      let id = try #require(ids[name], "no id for the parameter \(name) of \(operation.name)")
      path = path.replacing("{\(name)}", with: id)
    }
    guard query, operation.query.contains("before") else { return path }
    let before =
      path.hasPrefix("/api/jobs")
      ? ids["job_id"] ?? "" : path.hasSuffix("versions") ? "2" : String(repeating: "f", count: 24)
    return path + "?before=\(before)"
  }

  private static func operations(_ document: JSONValue) throws -> [Operation] {
    let schemas = try document.at("components.schemas")
    let paths = try document.at("paths")
    return try paths.keys.flatMap { path -> [Operation] in
      let members = try #require(paths[path])
      return try members.keys.map { method in
        let operation = try #require(members[method])
        let parameters = operation["parameters"]?.arrayValue ?? []
        let schema = operation["requestBody"].flatMap { try? $0.at("content.application/json.schema") }
        return Operation(
          method: try #require(HTTPRequest.Method(rawValue: method.uppercased())), path: path,
          pathParameters: try parameters.filter { try $0.text("in") == "path" }.map { try $0.text("name") },
          query: try parameters.filter { try $0.text("in") == "query" }.map { try $0.text("name") },
          body: schema.map { resolved($0, schemas) })
      }
    }
  }

  /// The schema with what it refers to in its place.
  private static func resolved(_ schema: JSONValue, _ schemas: JSONValue) -> JSONValue {
    if let name = schema["$ref"]?.stringValue?.split(separator: "/").last, let target = schemas[String(name)] {
      return resolved(target, schemas)
    }
    switch schema {
    case .array(let elements): return .array(elements.map { resolved($0, schemas) })
    case .object(let object):
      return .object(JSONObject(object.members.map { (key: $0.key, value: resolved($0.value, schemas)) }))
    default: return schema
    }
  }

  /// A value that fits the schema: what it requires, and all that `ids` has a value for.
  private static func filled(_ schema: JSONValue, _ ids: [String: String], name: String = "") -> JSONValue {
    if let id = ids[name] { return .string(id) }
    if let first = schema["anyOf"]?.arrayValue?.first { return filled(first, ids, name: name) }
    if let first = schema["enum"]?.arrayValue?.first { return first }
    switch schema["type"]?.stringValue ?? schema["type"]?.arrayValue?.first?.stringValue {
    case "object":
      let required = schema["required"]?.arrayValue?.compactMap(\.stringValue) ?? []
      let properties = schema["properties"] ?? .null
      return .object(
        JSONObject(
          properties.keys.filter { required.contains($0) || ids[$0] != nil }.map { key in
            (key: key, value: filled(properties[key] ?? .null, ids, name: key))
          }))
    case "array": return .array([filled(schema["items"] ?? .null, ids)])
    case "integer", "number": return .number("\(Int(clamping: max(schema["minimum"]?.doubleValue ?? 0, 10)))")
    case "boolean": return true
    default:
      switch schema["format"]?.stringValue {
      case "date": return "2026-05-27"
      case "date-time": return "2026-05-27T00:00:00Z"
      default: return "x"
      }
    }
  }

  /// Every row that is kept of the tenant's account.
  private static func rows(of tenant: Tenant, in test: TestSystem) async throws -> [String] {
    let lines = Lines()
    try await test.system.lifecycle.export(tenant.account, by: .system) { table, line in
      let text = String(decoding: line, as: UTF8.self)
      // The export itself is on the log.
      guard table != "audit_heads", !text.contains("account_exported") else { return }
      lines.add("\(table) \(text)")
    }
    return lines.sorted
  }
}
