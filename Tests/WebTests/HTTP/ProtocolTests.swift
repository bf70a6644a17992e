import App
import AppTestKit
import Decisions
import Formats
import HTTPTypes
import Measurement
import Testing
import Values
import Web

/// HTTP as clients use it: HEAD, encoded paths, blanks, and how much an operation reads.
struct ProtocolTests {
  @Test("HEAD has the headers of GET and no body, wherever GET is", arguments: [false, true])
  func head(_ live: Bool) async throws {
    let test = try await TestSystem()
    try await test.serving(live: live) { api in
      for path in ["/healthz", "/readyz", "/openapi.json", "/api/jobs", "/api/accounts/acme/configuration"] {
        let (head, get) = (try await api.send(.head, path), try await api.send(.get, path))
        #expect(head.status == 200, "\(path)")
        #expect(head.bytes.isEmpty)
        for name in [HTTPField.Name.contentType, .contentLength] { #expect(head.headers[name] == get.headers[name]) }
        #expect(head.headers[.contentLength] == "\(get.bytes.count)")
      }
      #expect(try await api.send(.head, "/nowhere").status == 404)
      #expect(try await api.with(key: nil).send(.head, "/api/jobs").status == 401)
      for path in ["/nowhere", SelectTests.path] { #expect(try await api.send(.head, path).bytes.isEmpty) }
    }
  }

  @Test("Parameters of a path are percent-decoded once")
  func encodedPath() async throws {
    let test = try await TestSystem()
    try await test.importText("ad_id,date,impressions,clicks,spend\nA,2026-05-27,1000,20,50\n", as: .adsCSV)
    let id = try await test.decide("40").id.description
    try await test.serving { api in
      let plain = try await api.send(.get, "/api/decisions/\(id)").done()
      #expect(try await api.send(.get, "/api/decisions/\(id.replacing(":", with: "%3A"))").done() == plain)
      #expect(try await api.send(.get, "/api/accounts/ac%6De/configuration").status == 200)
      #expect(try await api.send(.get, "/api/accounts/ac%256De/configuration").status == 403)
      for bad in ["%", "%4", "%zz", "%ff", "a%00b"] {
        let refusal = try await api.send(.get, "/api/decisions/\(bad)").refusal()
        #expect(refusal.status == 400, "\(bad)")
        #expect(refusal.fields == ["decision_id"])
      }
    }
  }

  @Test("Blanks around a key do not matter")
  func blanks() async throws {
    let test = try await TestSystem()
    try await test.serving { api in
      let key = try #require(api.key)
      for header in ["Bearer  \(key)", "Bearer \(key) ", "BEARER   \(key)"] {
        #expect(try await api.with(key: nil).send(.get, "/api/jobs", authorization: header).status == 200)
      }
    }
  }

  @Test("An operation reads no more than it takes")
  func bodyLimits() async throws {
    let test = try await TestSystem()
    try await test.serving { api in
      for endpoint in test.system.endpoints where endpoint.request != nil {
        let path = endpoint.path.replacing("{account_id}", with: "acme")
        let method = try #require(HTTPRequest.Method(endpoint.method.rawValue))
        let blanks = [UInt8](repeating: 0x20, count: endpoint.bodyLimit + 1)
        let refusal = try await api.send(method, path, bytes: blanks).refusal()
        #expect(refusal.status == 413, "\(path)")
        #expect(refusal.message == "the body must have at most \(endpoint.bodyLimit) bytes")
      }
      let webhook = try #require(test.system.endpoints.first { $0.path == "/webhooks/hubspot" })
      #expect(webhook.bodyLimit == 1 << 20)
    }
  }

  @Test("A key of megabytes is not repeated")
  func longKey() async throws {
    let test = try await TestSystem()
    let key = String(repeating: "k", count: 1 << 20)
    try await test.serving { api in
      for body in ["{\"\(key)\": 1}", "{\"\(key)\": 1, \"\(key)\": 1}"] {
        let answer = try await api.post(SelectTests.path, body)
        #expect(answer.status == 422)
        #expect(answer.bytes.count < 4_000)
      }
    }
  }

  @Test("A fault of the body's JSON says its place once")
  func place() async throws {
    let test = try await TestSystem()
    try await test.serving { api in
      let refusal = try await api.send(.put, "/api/accounts/acme/configuration", #"{"aov":1,"aov":2}"#).refusal()
      #expect(refusal.message.wholeMatch(of: #/body is at byte \d+: duplicate key "aov"/#) != nil, "\(refusal.message)")
    }
  }
}
