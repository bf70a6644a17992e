import Accounts
import App
import AppTestKit
import Formats
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOEmbedded
import Testing
import Values
import Web

/// What stands before every endpoint: keys, roles, methods, and the form and size of bodies.
struct GateTests {
  static let guarded: [(HTTPRequest.Method, String, Role)] = [
    (.post, SelectTests.path, .operator), (.post, "/api/ml/battle-hardened/decide", .operator),
    (.post, "/api/ml/battle-hardened/feedback", .operator), (.get, "/api/decisions/acme:1", .viewer),
    (.post, "/api/ml/synthetic-revenue/calculate", .operator), (.post, "/api/ml/synthetic-revenue/ad-roas", .operator),
    (.post, "/api/ml/synthetic-revenue/get-stages", .viewer), (.post, "/api/ml/fatigue/check", .operator),
    (.get, "/api/accounts/acme/learned-stages", .viewer), (.get, "/api/accounts/acme/configuration", .viewer),
    (.put, "/api/accounts/acme/configuration", .admin), (.post, "/api/ml/attribution/track-click", .operator),
    (.post, "/api/ml/attribution/attribute-conversion", .operator), (.get, "/api/attributions", .viewer),
    (.get, "/api/hubspot", .viewer), (.get, "/api/jobs", .viewer), (.get, "/api/jobs/1", .viewer),
    (.post, "/api/jobs/1/retry", .operator), (.post, "/api/jobs/1/cancel", .operator),
    (.get, "/api/accounts/acme/configuration/versions", .viewer),
    (.get, "/api/accounts/acme/configuration/versions/1", .viewer), (.get, "/api/accounts/acme/limits", .viewer),
    (.get, "/api/audit-log", .viewer), (.get, "/api/meta", .viewer), (.put, "/api/meta", .admin),
    (.delete, "/api/meta", .admin), (.post, "/api/meta/sync", .operator),
    (.get, "/api/keys", .admin), (.post, "/api/keys", .admin), (.post, "/api/keys/1/revoke", .admin),
    (.get, "/api/launches", .viewer), (.get, "/api/launches/1", .viewer), (.post, "/api/launches", .operator),
    (.post, "/api/launches/1/retry", .operator),
    (.get, "/api/accounts/acme/execution-settings", .viewer), (.put, "/api/accounts/acme/execution-settings", .admin),
    (.post, "/api/execution/resume", .admin), (.post, "/api/execution/stop", .operator),
    (.post, "/api/execution/optimize", .operator), (.get, "/api/ad-changes", .viewer),
    (.get, "/api/ad-changes/1", .viewer), (.post, "/api/ad-changes/1/approve", .operator),
    (.post, "/api/ad-changes/1/reject", .operator), (.post, "/api/ad-changes/1/rollback", .operator),
    (.get, "/api/ad-change-batches", .viewer), (.get, "/api/ad-change-batches/1", .viewer),
    (.post, "/api/ad-change-batches/1/approve", .operator), (.post, "/api/ad-change-batches/1/reject", .operator),
    (.post, "/api/ad-change-batches/1/rollback", .operator), (.get, "/api/creative-dna/1", .viewer),
    (.put, "/api/creative-dna/1", .operator), (.post, "/api/creative-dna", .operator),
    (.post, "/api/ml/rag/search-winners", .viewer), (.post, "/api/ml/rag/index-winner", .operator),
    (.get, "/api/ml/rag/winners/1", .viewer), (.get, "/api/ml/rag/winners", .viewer),
    (.get, "/api/ml/rag/memory-stats", .viewer), (.post, "/api/titan/generate-embedding", .operator),
  ]

  @Test("The list of guarded endpoints is whole")
  func allGuarded() async throws {
    let test = try await TestSystem()
    let open = ["/healthz", "/readyz", "/metrics", "/openapi.json", "/webhooks/hubspot"]
    let endpoints = test.system.endpoints.filter { !open.contains($0.path) }
    #expect(endpoints.map(\.method.rawValue).sorted() == Self.guarded.map(\.0.rawValue).sorted())
  }

  @Test("Without a valid key nothing but the open endpoints answers", arguments: guarded)
  func keys(_ method: HTTPRequest.Method, _ path: String, _ role: Role) async throws {
    let test = try await TestSystem()
    try await test.serving { api in
      let key = try #require(api.key)
      let headers = [
        nil, "", key, "Basic \(key)", "Bearer", "Bearer ", "Bearer \(key)0", "Bearer gv_0_0",
        "Bearer \(String(repeating: "x", count: 4_000))",
      ]
      for authorization in headers {
        let answer = try await api.with(key: nil).send(
          method, path, bytes: Array("{}".utf8), authorization: authorization)
        let refusal = try answer.refusal()
        #expect(refusal.status == 401, "\(authorization ?? "none")")
        #expect(refusal.code == "unauthorized")
        #expect(answer.headers[.wwwAuthenticate] == "Bearer")
      }
      let right = try await api.with(key: nil).send(
        method, path, bytes: Array("{}".utf8), authorization: "bearer \(key)")
      #expect(right.status != 401)
    }
  }

  @Test("A key of too low a role is refused, and nothing is stored", arguments: guarded)
  func roles(_ method: HTTPRequest.Method, _ path: String, _ needed: Role) async throws {
    let test = try await TestSystem()
    for role in Role.allCases {
      try await test.serving(as: role) { api in
        let before = try await test.dump()
        let answer = try await api.send(method, path, bytes: Array(#"{"aov": -1}"#.utf8))
        #expect((answer.status == 403) == (role < needed), "\(role)")
        if role < needed { #expect(try answer.refusal().code == "forbidden") }
        // A stop needs no more than the role.
        guard role < needed || path != "/api/execution/stop" else { return }
        #expect(try await test.dump() == before)
      }
    }
  }

  @Test(
    "Another account's configuration is neither read nor changed, whether it exists or not",
    arguments: ["other", "nobody"])
  func otherAccount(_ name: String) async throws {
    let test = try await TestSystem()
    try await test.system.accounts.create(#require(AccountID("other")))
    try await test.serving { api in
      let before = try await test.dump()
      let path = "/api/accounts/\(name)/configuration"
      for answer in [try await api.send(.get, path), try await api.send(.put, path, #"{"aov": 1}"#)] {
        let refusal = try answer.refusal()
        #expect(refusal.status == 403)
        #expect(refusal.code == "other_account")
        #expect(refusal.fields == ["account_id"])
      }
      #expect(try await test.dump() == before)
    }
  }

  @Test(
    "Nothing at a path is 404",
    arguments: ["/", "/api", "/api/ml/battle-hardened/selects", "/healthz/x", "/api/decisions"])
  func unknownPath(_ path: String) async throws {
    let test = try await TestSystem()
    try await test.serving { api in
      for method in [HTTPRequest.Method.get, .post, .delete] {
        let refusal = try await api.send(method, path).refusal()
        #expect(refusal.status == 404)
        #expect(refusal.code == "not_found")
      }
    }
  }

  @Test("Another method is 405 and names those that do")
  func methods() async throws {
    let test = try await TestSystem()
    let paths = Dictionary(grouping: test.system.endpoints, by: \.path)
    try await test.serving { api in
      for (path, endpoints) in paths {
        let allowed = endpoints.flatMap { $0.method == .get ? ["GET", "HEAD"] : [$0.method.rawValue] }.sorted()
        for method in [HTTPRequest.Method.get, .head, .post, .put, .patch, .delete, .options]
        where !allowed.contains(method.rawValue) {
          let answer = try await api.send(method, path.replacing("{account_id}", with: "acme"))
          #expect(answer.status == 405, "\(method) \(path)")
          if method != .head { #expect(try answer.refusal().code == "method_not_allowed") }
          #expect(answer.headers[.allow] == allowed.joined(separator: ", "))
        }
      }
    }
  }

  @Test(
    "Bodies of another type are refused",
    arguments: [nil, "", "text/plain", "application/x-www-form-urlencoded", "application/jsonx", "text/json"])
  func contentType(_ type: String?) async throws {
    let test = try await TestSystem()
    try await test.serving { api in
      let answer = try await api.send(.post, SelectTests.path, bytes: Array("{}".utf8), contentType: type)
      #expect(try answer.refusal().status == 415)
      #expect(try answer.refusal().code == "unsupported_media_type")
    }
  }

  @Test(
    "JSON with parameters of its type is taken",
    arguments: ["application/json; charset=utf-8", "Application/JSON", "application/json ;x=y"])
  func contentTypeParameters(_ type: String) async throws {
    let test = try await TestSystem()
    try await test.serving { api in
      let body = Array(#"{"stage_to": "lead"}"#.utf8)
      let path = "/api/ml/synthetic-revenue/calculate"
      let answer = try await api.send(.post, path, bytes: body, contentType: type)
      #expect(answer.status == 200)
    }
  }

  static let brokenBodies: [[UInt8]] = [
    [], Array(" ".utf8), Array("{".utf8), Array("{\"total_budget\": NaN}".utf8),
    Array("{\"total_budget\": Infinity}".utf8),
    Array("{\"total_budget\": 01}".utf8), Array("{\"total_budget\": 1,}".utf8), Array("{\"total_budget\": 1} {}".utf8),
    Array("{'a': 1}".utf8),
    [0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00], Array("{\"policy\": \"".utf8) + [0xC3, 0x28] + Array("\"}".utf8), [0x00],
    Array("{\"policy\": \"\\ud800\"}".utf8),
  ]

  @Test("What is not JSON is 400", arguments: brokenBodies)
  func brokenBody(_ bytes: [UInt8]) async throws {
    let test = try await TestSystem()
    try await test.serving { api in
      let before = try await test.dump()
      let refusal = try await api.send(.post, SelectTests.path, bytes: bytes).refusal()
      #expect(refusal.status == 400)
      #expect(refusal.code == "invalid_json")
      #expect(try await test.dump() == before)
    }
  }

  @Test(
    "A body of 10 MB is refused, by its Content-Length or, where that is not told, once it is too long",
    arguments: [true, false])
  func largeBody(_ tellsLength: Bool) async throws {
    let test = try await TestSystem()
    let key = try await test.system.keys.create(for: test.account, role: .admin)
    let size = 10 << 20
    var headers: HTTPFields = [.authorization: "Bearer \(key)", .contentType: "application/json"]
    if tellsLength { headers[.contentLength] = "\(size)" }
    let (chunks, sender) = AsyncStream.makeStream(of: ByteBuffer.self)
    for _ in 0..<(size >> 16) { sender.yield(ByteBuffer(repeating: UInt8(ascii: " "), count: 1 << 16)) }
    sender.finish()
    let request = Request(
      head: HTTPRequest(
        method: .post, scheme: "http", authority: "localhost", path: SelectTests.path, headerFields: headers),
      body: RequestBody(asyncSequence: chunks))
    let context = ServerContext(
      source: ApplicationRequestContextSource(channel: EmbeddedChannel(), logger: Logger(label: "test")))
    let response = try await test.router().buildResponder().respond(to: request, context: context)
    #expect(response.status == .contentTooLarge)
    #expect(response.headers[.contentType] == "application/json")
  }

  @Test("A body of exactly its operation's limit is read, one byte more is not")
  func limit() async throws {
    let test = try await TestSystem()
    try await test.serving(live: true) { api in
      let body = Array(#"{"stage_to": "lead"}"#.utf8)
      let blanks = [UInt8](repeating: UInt8(ascii: " "), count: Endpoint.usualBodyLimit - body.count)
      let path = "/api/ml/synthetic-revenue/calculate"
      let full = try await api.send(.post, path, bytes: body + blanks)
      #expect(full.status == 200)
      let tooLarge = try await api.send(.post, path, bytes: body + blanks + [0x20]).refusal()
      #expect(tooLarge.status == 413)
    }
  }
}
