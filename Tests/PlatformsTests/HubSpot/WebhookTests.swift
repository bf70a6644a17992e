import Accounts
import App
import AppTestKit
import Formats
import Foundation
import HTTPTypes
import Platforms
import RemoteAPIs
import Storage
import TestKit
import Testing
import Values
import Web

/// The webhook's door: who may send, what is kept, and what is answered.
struct WebhookTests {
  private static func system(_ settings: HubSpotSettings = HubSpotSending.settings) async throws -> TestSystem {
    let test = try await TestSystem(hubSpot: settings)
    _ = try await test.system.hubSpot.map(portal: HubSpotSending.portal, to: test.account)
    return test
  }

  private static func event(_ id: Int, _ test: TestSystem, deal: Int = 7) -> SentEvent {
    .move(id, deal: deal, to: "appointment_scheduled", at: test.clock.now())
  }

  private static func receipt(_ answer: Answer) throws -> [Int] {
    #expect(answer.status == 202)
    #expect(try answer.json.keys == ["status", "accepted", "duplicates", "ignored", "refused"])
    #expect(try answer.json.text("status") == "queued")
    return try ["accepted", "duplicates", "ignored"].map { Int(clamping: try answer.json.number($0)) }
  }

  @Test("Events are kept with a job for each deal; repetitions and what concerns no deal are counted")
  func taken() async throws {
    let test = try await Self.system()
    try await test.serving { api in
      var contact = SentEvent(3, "contact.propertyChange", deal: 501, property: ("email", "x"), at: test.clock.now())
      contact.more = #", "unknownMember": {"a": [1, 2]}"#
      let events = [Self.event(1, test), Self.event(2, test, deal: 8), contact]
      let first = try await test.send(events, to: api)
      #expect(try Self.receipt(first) == [2, 0, 1])
      #expect(try Self.receipt(await test.send(events + [Self.event(4, test)], attempt: 3, to: api)) == [1, 3, 0])
      #expect(try await test.number("SELECT COUNT(*) AS value FROM jobs") == 2)
      #expect(try await test.number("SELECT COUNT(*) AS value FROM hubspot_events WHERE state = 'ignored'") == 1)
      let generic = SentEvent(
        5, "object.propertyChange", deal: 9, property: ("dealstage", "lead"), at: test.clock.now())
      var asDeal = generic
      asDeal.more = #", "objectTypeId": "0-3""#
      #expect(try Self.receipt(await test.send([asDeal], to: api)) == [1, 0, 0])
      #expect(try await test.number("SELECT COUNT(*) AS value FROM jobs") == 3)
    }
  }

  @Test("A changed byte of body, signature, time or address is refused with 401, and nothing is stored")
  func tampered() async throws {
    let test = try await Self.system()
    try await test.serving { api in
      let before = try await test.dump()
      let body = Array("[\(Self.event(1, test).json())]".utf8)
      let headers = HubSpotSending.headers(for: body, at: test.clock.now())
      func refuse(
        _ body: [UInt8], _ headers: HTTPFields, path: String = "/webhooks/hubspot", _ what: Comment
      ) async throws {
        let answer = try await api.with(key: nil).send(.post, path, bytes: body, headers: headers)
        #expect(answer.status == 401, what)
        #expect(try answer.refusal().code == "invalid_signature", what)
      }
      for index in body.indices {
        var altered = body
        altered[index] ^= 1
        try await refuse(altered, headers, "byte \(index) of the body")
      }
      for name in [HTTPField.Name.signatureV3, .requestTimestamp] {
        let value = try #require(headers[name])
        for index in value.indices {
          var altered = headers
          altered[name] = value.replacingCharacters(in: index...index, with: value[index] == "1" ? "2" : "1")
          try await refuse(body, altered, "character \(value[..<index].count) of \(name)")
        }
        var missing = headers
        missing[name] = nil
        try await refuse(body, missing, "no \(name)")
      }
      try await refuse(body, headers, path: "/webhooks/hubspot?a=1", "another address")
      for seconds: Int64 in [-301, 301, 86_400] {
        let off = HubSpotSending.headers(for: body, at: test.clock.now().adding(seconds: seconds))
        try await refuse(body, off, "signed \(seconds) s from now")
      }
      #expect(try await test.dump() == before)
      for seconds: Int64 in [-300, 300] {
        let close = HubSpotSending.headers(for: body, at: test.clock.now().adding(seconds: seconds))
        let answer = try await api.with(key: nil).send(.post, "/webhooks/hubspot", bytes: body, headers: close)
        #expect(answer.status == 202)
      }
    }
  }

  @Test("While a secret is replaced, both are good; an account's own secret speaks for its portals alone")
  func secrets() async throws {
    var settings = HubSpotSending.settings
    let (old, own) = (Secret("old-secret"), Secret("secret-of-other"))
    let other = try #require(AccountID("other"))
    settings.secrets.append(old)
    settings.accountSecrets = [other: [own]]
    let test = try await Self.system(settings)
    try await test.system.accounts.create(other)
    _ = try await test.system.hubSpot.map(portal: 99, to: other)
    try await test.serving { api in
      func send(_ event: SentEvent, _ secret: Secret) async throws -> Int {
        let body = Array("[\(event.json())]".utf8)
        let headers = HubSpotSending.headers(for: body, at: test.clock.now(), secret: secret)
        return try await api.with(key: nil).send(.post, "/webhooks/hubspot", bytes: body, headers: headers).status
      }
      var theirs = Self.event(2, test)
      theirs.portal = 99
      let first = try await send(Self.event(1, test), old)
      #expect(first == 202)
      #expect(try await send(theirs, own) == 202)
      #expect(try await send(Self.event(3, test), own) == 202)
      #expect(try await send(Self.event(4, test), Secret("never given")) == 401)
    }
    #expect(try await test.number("SELECT COUNT(*) AS value FROM hubspot_events WHERE account_id = 'other'") == 1)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM hubspot_events") == 2)
    #expect(try await test.system.hubSpot.refusals().map(\.reason) == ["foreign_signer"])
  }

  @Test("An account's own secret is answered the same, whether a portal is another account's or nobody's")
  func portalsOfOthers() async throws {
    var settings = HubSpotSending.settings
    let (own, other) = (Secret("secret-of-other"), try #require(AccountID("other")))
    settings.accountSecrets = [other: [own]]
    let test = try await Self.system(settings)
    try await test.system.accounts.create(other)
    try await test.serving { api in
      var answers: Set<String> = []
      for portal: Int64 in [Self.event(1, test).portal, 555] {
        for _ in 0..<2 {
          var event = Self.event(9, test)
          event.portal = portal
          let body = Array("[\(event.json())]".utf8)
          let headers = HubSpotSending.headers(for: body, at: test.clock.now(), secret: own)
          let answer = try await api.with(key: nil).send(.post, "/webhooks/hubspot", bytes: body, headers: headers)
          answers.insert("\(answer.status) \(String(decoding: answer.bytes, as: UTF8.self))")
        }
      }
      #expect(answers.count == 1)
    }
    #expect(try await test.number("SELECT COUNT(*) AS value FROM hubspot_events WHERE account_id IS NOT NULL") == 0)
  }

  @Test("Requests signed by v1 alone are taken only where the settings allow")
  func v1() async throws {
    for accepts in [false, true] {
      var settings = HubSpotSending.settings
      settings.acceptsV1 = accepts
      let test = try await Self.system(settings)
      try await test.serving { api in
        let body = Array("[\(Self.event(1, test).json())]".utf8)
        let content = HubSpotSignature.Content(method: "POST", uri: "", body: body, timestamp: "")
        let headers: HTTPFields = [
          .olderSignature: HubSpotSignature.text(.v1, of: content, secret: HubSpotSending.secret)
        ]
        let answer = try await api.with(key: nil).send(.post, "/webhooks/hubspot", bytes: body, headers: headers)
        #expect(answer.status == (accepts ? 202 : 401))
      }
    }
  }

  @Test("Events of a portal that nobody has mapped are parked, and processed once it is")
  func parked() async throws {
    let test = try await TestSystem(hubSpot: HubSpotSending.settings)
    try await test.serving { api in
      let answer = try await test.send([Self.event(1, test), Self.event(2, test, deal: 8)], to: api)
      #expect(try Self.receipt(answer) == [2, 0, 0])
      #expect(try await test.workOffJobs() == 0)
      #expect(try await test.system.hubSpot.portals().unmapped.map(\.events) == [2])
      #expect(try await test.system.hubSpot.map(portal: HubSpotSending.portal, to: test.account).deals == 2)
      #expect(try await test.workOffJobs() == 2)
      #expect(try await test.number("SELECT COUNT(*) AS value FROM deals") == 2)
      #expect(try Self.receipt(await test.send([Self.event(1, test)], to: api)) == [0, 1, 0])
      await #expect(throws: HubSpotPortalError.self) {
        try await test.system.hubSpot.map(portal: HubSpotSending.portal, to: test.account)
      }
    }
  }

  @Test("Signed bodies that are not events are refused by place and rule, and nothing is stored")
  func broken() async throws {
    let test = try await Self.system()
    let good = Self.event(1, test).json()
    let bodies: [(String, Int)] = [
      ("[{", 400), ("", 400), ("{}", 422), ("[]", 422), ("[1]", 422),
      ("[\(good), \(good.replacing("\"portalId\": 62515", with: "\"portalId\": \"x\""))]", 422),
      ("[\(Array(repeating: good, count: 101).joined(separator: ","))]", 422),
    ]
    try await test.serving { api in
      let before = try await test.dump()
      for (text, status) in bodies {
        let body = Array(text.utf8)
        let headers = HubSpotSending.headers(for: body, at: test.clock.now())
        let answer = try await api.with(key: nil).send(.post, "/webhooks/hubspot", bytes: body, headers: headers)
        #expect(answer.status == status, "\(text.prefix(60))")
      }
      #expect(try await test.dump() == before)
    }
  }

  @Test("A process without address or secret says so, and takes nothing")
  func unconfigured() async throws {
    let test = try await TestSystem()
    try await test.serving { api in
      let refusal = try await test.send([Self.event(1, test)], to: api).refusal()
      #expect(refusal.status == 503)
      #expect(refusal.code == "hubspot_not_configured")
    }
  }
}
