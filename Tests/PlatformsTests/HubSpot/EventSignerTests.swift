import Accounts
import App
import AppTestKit
import Formats
import HTTPTypes
import Platforms
import RemoteAPIs
import Storage
import TestKit
import Testing
import Values
import Web

/// Whose secret signed an event is kept with it, and decides which account it may join; and what is not kept.
struct EventSignerTests {
  private static let ownSecret = Secret("secret-of-acme")
  private static let unmapped: Int64 = 7_700_001

  private static func system(waiting: Int = 10_000) async throws -> TestSystem {
    var settings = HubSpotSending.settings
    settings.waitingLimit = waiting
    settings.accountSecrets = [try #require(AccountID("acme")): [ownSecret]]
    let test = try await TestSystem(hubSpot: settings)
    try await test.system.accounts.create(#require(AccountID("beta")))
    return test
  }

  private static func event(
    _ id: Int, _ test: TestSystem, deal: Int = 7, property: (String, String) = ("dealstage", "lead")
  ) -> SentEvent {
    var event = SentEvent(id, deal: deal, property: property, at: test.clock.now())
    event.portal = unmapped
    return event
  }

  /// Sends events signed by a secret and returns what the answer counts.
  private static func send(
    _ events: [SentEvent], by secret: Secret = HubSpotSending.secret, _ test: TestSystem, to api: TestAPI
  ) async throws -> [String: Int] {
    let body = Array("[\(events.map { $0.json() }.joined(separator: ","))]".utf8)
    let headers = HubSpotSending.headers(for: body, at: test.clock.now(), secret: secret)
    let answer = try await api.with(key: nil).send(.post, "/webhooks/hubspot", bytes: body, headers: headers)
    try #require(answer.status == 202)
    return try ["accepted", "duplicates", "ignored", "refused"].reduce(into: [:]) {
      $0[$1] = Int(clamping: try answer.json.number($1))
    }
  }

  private static func reasons(_ test: TestSystem) async throws -> [String: Int] {
    try await test.system.hubSpot.refusals().reduce(into: [:]) { $0["\($1.portalID) \($1.reason)"] = $1.events }
  }

  @Test("Events that an account's own secret signed join no other account when their portal is mapped")
  func foreign() async throws {
    let (test, beta) = (try await Self.system(), try #require(AccountID("beta")))
    try await test.serving { api in
      let forged = try await Self.send(
        [Self.event(1, test), Self.event(2, test, property: ("amount", "900000"))], by: Self.ownSecret, test, to: api)
      #expect(forged["accepted"] == 2)
      _ = try await Self.send([Self.event(3, test, deal: 8)], test, to: api)
    }
    let mapping = try await test.system.hubSpot.map(portal: Self.unmapped, to: beta)
    #expect(mapping.deals == 1)
    #expect(mapping.foreignEvents == 2)
    try await test.workOffJobs()
    #expect(try await test.number("SELECT COUNT(*) AS value FROM deals WHERE account_id = 'beta'") == 1)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM hubspot_events") == 1)
    let refusals = try await test.system.hubSpot.status(of: beta).refusals
    #expect(refusals.map(\.reason) == ["foreign_signer"])
    #expect(refusals.map(\.events) == [2])
  }

  @Test("They join their own account, unless they are older than it")
  func own() async throws {
    for isOlder in [false, true] {
      let test = try await Self.system()
      try await test.serving { api in
        _ = try await Self.send([Self.event(1, test)], by: Self.ownSecret, test, to: api)
      }
      if isOlder {
        test.clock.advance(seconds: 1)
        _ = try await test.system.lifecycle.delete(test.account, by: .system)
        try await test.system.accounts.create(test.account)
      }
      let mapping = try await test.system.hubSpot.map(portal: Self.unmapped, to: test.account)
      #expect(mapping.deals == (isOlder ? 0 : 1))
    }
  }

  @Test("Waiting events whose signer was never recorded join no account")
  func unrecorded() async throws {
    let test = try await Self.system()
    try await test.serving { api in _ = try await Self.send([Self.event(1, test)], test, to: api) }
    _ = try await test.system.database.write { try $0.execute("UPDATE hubspot_events SET signer = NULL") }
    let mapping = try await test.system.hubSpot.map(portal: Self.unmapped, to: test.account)
    #expect([mapping.deals, mapping.foreignEvents] == [0, 1])
  }

  @Test("An event's signer is looked at again when it is applied")
  func atWork() async throws {
    let test = try await Self.system()
    _ = try await test.system.hubSpot.map(portal: Self.unmapped, to: test.account)
    try await test.serving { api in
      _ = try await Self.send([Self.event(1, test), Self.event(2, test, property: ("amount", "5"))], test, to: api)
    }
    _ = try await test.system.database.write {
      try $0.execute("UPDATE hubspot_events SET signer = 'beta' WHERE property = 'dealstage'")
    }
    try await test.workOffJobs()
    #expect(try await test.number("SELECT COUNT(*) AS value FROM deals") == 0)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM hubspot_facts WHERE property = 'amount'") == 1)
    #expect(try await test.system.hubSpot.status(of: test.account).refusals.map(\.reason) == ["foreign_signer"])
  }

  @Test("An event that cannot be kept is counted with its reason, and its neighbours are kept")
  func neighbours() async throws {
    let test = try await Self.system()
    _ = try await test.system.hubSpot.map(portal: Self.unmapped, to: test.account)
    var merge = SentEvent(9, "deal.merge", deal: 1, at: test.clock.now())
    merge.portal = Self.unmapped
    merge.more = #", "newObjectId": 2, "mergedObjectIds": [\#((1...60_000).map(String.init).joined(separator: ","))]"#
    let bad = [
      Self.event(1, test, property: ("dealstage", #"le\u0000ad"#)), Self.event(2, test, property: (#"a\u0000b"#, "x")),
      Self.event(3, test, property: (String(repeating: "n", count: 3_000), "x")),
      Self.event(4, test, property: ("ad_id", String(repeating: "v", count: 1_001))), merge,
    ]
    var contact = SentEvent(
      5, "contact.propertyChange", deal: 501, property: ("notes", #"\u0000"# + String(repeating: "v", count: 5_000)),
      at: test.clock.now())
    contact.portal = Self.unmapped
    let events = bad + [contact] + (10..<100).map { Self.event($0, test, deal: $0) }
    try await test.serving { api in
      let first = try await Self.send(events, test, to: api)
      #expect(first == ["accepted": 90, "duplicates": 0, "ignored": 1, "refused": 5])
    }
    #expect(try await Self.reasons(test) == ["7700001 text": 4, "7700001 too_many_deals": 1])
    try await test.workOffJobs()
    #expect(try await test.number("SELECT COUNT(*) AS value FROM deals") == 90)
    try await test.serving { api in
      let status = try await api.send(.get, "/api/hubspot").done()
      #expect(try status.text("refused_events.0.reason") == "text")
      #expect(try status.text("refused_events.1.detail").contains("60000"))
    }
  }

  @Test("A merge of many deals is kept, with a job for each")
  func largeMerge() async throws {
    let test = try await Self.system()
    _ = try await test.system.hubSpot.map(portal: Self.unmapped, to: test.account)
    let merges = (0..<15).map { number in
      var merge = SentEvent(number, "deal.merge", deal: 1, at: test.clock.now())
      merge.portal = Self.unmapped
      let ids = (1...1_000).map { String(number * 1_000 + $0) }.joined(separator: ",")
      merge.more = #", "newObjectId": 999999, "mergedObjectIds": [\#(ids)]"#
      return merge
    }
    try await test.serving { api in
      let first = try await Self.send(merges, test, to: api)
      #expect(first["accepted"] == 15)
    }
    #expect(try await test.number("SELECT COUNT(*) AS value FROM jobs") == 15_001)
  }

  @Test("Only so many events wait for a portal to be mapped, and only so long")
  func waiting() async throws {
    let test = try await Self.system(waiting: 3)
    try await test.serving { api in
      let first = try await Self.send((1...5).map { Self.event($0, test, deal: $0) }, test, to: api)
      #expect(first == ["accepted": 3, "duplicates": 0, "ignored": 0, "refused": 2])
      #expect(try await Self.send([Self.event(6, test)], test, to: api)["refused"] == 1)
      var other = Self.event(7, test)
      other.portal = 8
      #expect(try await Self.send([other], test, to: api)["accepted"] == 1)
    }
    #expect(try await Self.reasons(test) == ["7700001 waiting_limit": 3])
    test.clock.advance(seconds: 14 * 86_400)
    #expect(try await test.system.hubSpot.removeWaiting(100) == 0)
    test.clock.advance(seconds: 1)
    #expect(try await test.system.hubSpot.removeWaiting(3) == 3)
    #expect(try await test.system.hubSpot.removeWaiting(100) == 1)
    test.clock.advance(seconds: 90 * 86_400)
    #expect(try await test.system.hubSpot.removeWaiting(100) == 1)
    #expect(try await Self.reasons(test).isEmpty)
  }

  @Test("The portal of a deleted account is closed: its events are refused, until it is mapped again")
  func deletedAccount() async throws {
    let (test, beta) = (try await Self.system(), try #require(AccountID("beta")))
    _ = try await test.system.hubSpot.map(portal: Self.unmapped, to: test.account)
    _ = try await test.system.lifecycle.delete(test.account, by: .system)
    try await test.system.accounts.create(test.account)
    try await test.serving { api in
      let refused = try await Self.send([Self.event(1, test)], test, to: api)
      #expect(refused["refused"] == 1)
      #expect(try await test.number("SELECT COUNT(*) AS value FROM hubspot_events") == 0)
      #expect(try await Self.reasons(test) == ["7700001 closed_portal": 1])
      _ = try await test.system.hubSpot.map(portal: Self.unmapped, to: beta)
      #expect(try await Self.send([Self.event(2, test)], test, to: api)["accepted"] == 1)
    }
  }

  @Test("Waiting events can be forgotten, and their portal closed; that of an account cannot")
  func forget() async throws {
    let test = try await Self.system()
    try await test.serving { api in
      _ = try await Self.send([Self.event(1, test), Self.event(2, test, deal: 8)], test, to: api)
      #expect(try await test.system.hubSpot.forget(portal: Self.unmapped, isClosed: false) == 2)
      #expect(try await Self.send([Self.event(3, test)], test, to: api)["accepted"] == 1)
      #expect(try await test.system.hubSpot.forget(portal: Self.unmapped, isClosed: true) == 1)
      #expect(try await Self.send([Self.event(4, test)], test, to: api)["refused"] == 1)
    }
    _ = try await test.system.hubSpot.map(portal: Self.unmapped, to: test.account)
    await #expect(throws: HubSpotPortalError.mapped(portalID: Self.unmapped, to: test.account)) {
      try await test.system.hubSpot.forget(portal: Self.unmapped, isClosed: true)
    }
  }

  @Test("An event of a time to come has happened by now")
  func ahead() async throws {
    let test = try await Self.system()
    _ = try await test.system.hubSpot.map(portal: Self.unmapped, to: test.account)
    var won = SentEvent.move(1, deal: 7, to: "closedwon", at: test.clock.now().adding(seconds: 86_400 * 1_000))
    won.portal = Self.unmapped
    try await test.serving { [won] api in
      _ = try await Self.send([won], test, to: api)
      test.clock.advance(seconds: 60)
      _ = try await Self.send([Self.event(2, test)], test, to: api)
    }
    try await test.workOffJobs()
    #expect(try await test.number("SELECT COUNT(*) AS value FROM deals WHERE stage = 'lead'") == 1)
  }
}
