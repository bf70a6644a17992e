import FakeHubSpot
import HTTPTypes
import RemoteAPIs
import Sandbox
import TestKit
import Testing
import Values

/// The fake HubSpot driven from another process, and its webhooks.
struct FakeControlTests {
  private let bench = ClientBench()

  @Test("Deals, contacts, faults and limits are set by requests")
  func control() async throws {
    let bench = bench
    try await withNetwork { transport in
      try await bench.fake.serve { url in
        func set(_ method: String, _ path: String, _ body: String) async throws -> Int {
          var call = HTTPCall(try #require(HTTPRequest.Method(method)), url + "/_fake/" + path)
          call.body = .bytes(Array(body.utf8))
          return try await transport.send(call).status
        }
        let deal = #"{"properties":{"dealstage":"closedwon"},"contacts":[501],"at":1462216307945}"#
        #expect(try await set("PUT", "deals/1", deal) == 200)
        #expect(try await set("PUT", "deals/2", #"{"properties":{}}"#) == 200)
        #expect(try await set("PUT", "contacts/501", #"{"properties":{"email":"a@b.c"}}"#) == 200)
        #expect(try await set("POST", "deals/2/merge", #"{"into":1}"#) == 200)
        #expect(try await set("POST", "deals/2/merge", #"{"into":1}"#) == 404)
        #expect(try await set("DELETE", "deals/3", "") == 404)
        #expect(try await set("PUT", "faults", #"{"next":["nonsense"]}"#) == 400)
        #expect(try await set("PUT", "nonsense", "{}") == 404)
        let client = bench.client(transport, url)
        let found = try await client.deal(2, properties: [], history: ["dealstage"])
        #expect(found.id == 1)
        #expect(found.history["dealstage"]?.first?.timestamp == Instant(microseconds: 1_462_216_307_945_000))
        let contacts = try await client.contacts([501], properties: ["email"])
        #expect(contacts.records.first?["email"] == "a@b.c")
        #expect(try await set("PUT", "faults", #"{"next":["daily"],"rates":{"serverError":1}}"#) == 200)
        await #expect(throws: HubSpotError.rateLimited(.daily, retryAfter: nil)) { try await client.pipelines() }
        await #expect(throws: HubSpotError.unavailable("internal error", retryAfter: nil)) {
          try await client.pipelines()
        }
        #expect(try await set("PUT", "faults", "{}") == 200)
        #expect(try await set("PUT", "limits", #"{"per_day":0}"#) == 200)
        await #expect(throws: HubSpotError.rateLimited(.daily, retryAfter: nil)) { try await client.pipelines() }
      }
    }
  }

  @Test("Webhooks are sent in batches of 100, and told once more where they were not taken")
  func deliveries() async throws {
    for id: Int64 in 1...150 { bench.fake.setDeal(id, [:]) }
    let target = "https://ads.example.com/webhooks/hubspot"
    let receiver = ScriptedTransport(.answer(500, ""), .answer(204, ""), .answer(204, ""))
    #expect(await bench.fake.deliver(to: target, secret: "s", over: receiver) == [500])
    #expect(await bench.fake.deliver(to: target, secret: "s", over: receiver) == [204, 204])
    #expect(await bench.fake.deliver(to: target, secret: "s", over: receiver) == [])
    let check = try HubSpotSignatureCheck(publicURL: target, secrets: [Secret("s")], now: bench.clock.now)
    let batches = try receiver.calls.map { call in
      let match = try check.match(
        HubSpotSignatureCheck.Request(
          method: "POST", query: nil, body: call.body.held, signatureV3: call.header("X-HubSpot-Signature-v3"),
          timestamp: call.header("X-HubSpot-Request-Timestamp")))
      #expect(match.version == .v3)
      return try HubSpotWebhookEvent.parse(call.body.held)
    }
    #expect(batches.map(\.count) == [100, 100, 50])
    #expect(batches[0].map(\.deduplicationKey) == batches[1].map(\.deduplicationKey))
    #expect(batches.map { $0.first?.attemptNumber } == [0, 1, 0])
  }
}

extension HTTPCall {
  fileprivate func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }
}
