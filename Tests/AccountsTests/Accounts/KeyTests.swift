import Accounts
import App
import AppTestKit
import Formats
import HTTPTypes
import TestKit
import Testing
import Values
import Web

/// API keys from their making to their end.
struct KeyTests {
  private static func id(of token: String) -> String {
    token.split(separator: "_").dropFirst().first.map(String.init) ?? ""
  }

  @Test("A key is shown once, works, and is listed without its text")
  func create() async throws {
    let test = try await TestSystem()
    try await test.serving { api in
      let made = try await api.post("/api/keys", #"{"role": "viewer", "name": "Dashboard", "expires_in_days": 2}"#)
        .done()
      let token = try made.text("key")
      #expect(try made.text("name") == "Dashboard")
      #expect(try made.text("expires_at") == "\(test.clock.now().adding(seconds: 2 * 86_400))")
      #expect(try await api.with(key: token).send(.get, "/api/jobs").status == 200)
      let answer = try await api.send(.get, "/api/keys")
      let listed = try answer.done().list("keys")
      #expect(try listed.contains { try $0.text("key_id") == made.text("key_id") })
      let text = String(decoding: answer.bytes, as: UTF8.self)
      let secret = try #require(token.split(separator: "_").last)
      #expect(!text.contains(secret))
    }
  }

  @Test(
    "A key that cannot be is refused by field",
    arguments: [
      (#"{}"#, "role"), (#"{"role": "owner"}"#, "role"),
      (#"{"role": "viewer", "expires_in_days": 0}"#, "expires_in_days"),
      (#"{"role": "viewer", "scope": 1}"#, "scope"),
      (#"{"role": "viewer", "name": "\#(String(repeating: "n", count: 101))"}"#, "name"),
    ])
  func badDraft(_ body: String, _ field: String) async throws {
    let test = try await TestSystem()
    try await test.serving { api in
      let before = try await test.dump()
      #expect(try await api.post("/api/keys", body).refusal().fields == [field])
      #expect(try await test.dump() == before)
    }
  }

  @Test("A revoked key is refused within a second")
  func revoke() async throws {
    let test = try await TestSystem()
    let token = try await test.system.keys.create(for: test.account, role: .viewer)
    try await test.serving { api in
      let other = api.with(key: token)
      #expect(try await other.send(.get, "/api/jobs").status == 200)
      let revoked = try await api.send(.post, "/api/keys/\(Self.id(of: token))/revoke").done()
      #expect(try revoked.text("revoked_at") == "\(test.clock.now())")
      test.clock.advance(seconds: 1)
      #expect(try await other.send(.get, "/api/jobs").refusal().status == 401)
      let again = try await api.send(.post, "/api/keys/\(Self.id(of: token))/revoke").done()
      #expect(again == revoked)
      #expect(try await api.send(.post, "/api/keys/0000/revoke").refusal().status == 404)
    }
  }

  @Test("A key is taken until it expires, and not at that moment")
  func expiry() async throws {
    let test = try await TestSystem()
    let end = test.clock.now().adding(seconds: 100)
    let made = try await test.system.keys.create(
      APIKeyDraft(role: .viewer, expiresAt: end), for: test.account, by: .system)
    try await test.serving { api in
      let other = api.with(key: made.token)
      test.clock.advance(seconds: 99)
      let last = try await other.send(.get, "/api/jobs")
      #expect(last.status == 200)
      test.clock.advance(seconds: 1)
      let late = try await other.send(.get, "/api/jobs").refusal()
      #expect(late.status == 401)
    }
  }

  @Test("A key is replaced by one of the same role and name, and lives on for a time of grace")
  func rotate() async throws {
    let test = try await TestSystem()
    let keys = test.system.keys
    let old = try await keys.create(APIKeyDraft(role: .operator, name: "Bot"), for: test.account, by: .system)
    let new = try await keys.rotate(old.id, of: test.account, graceHours: 2, by: .commandLine(user: "ada"))
    let made = try await keys.key(new.id, of: test.account)
    #expect(made.role == .operator)
    #expect(made.name == "Bot")
    #expect(made.expiresAt == nil)
    for (seconds, isTaken) in [(0 as Int64, true), (7_199, true), (1, false)] {
      test.clock.advance(seconds: seconds)
      let taken = try? await keys.principal(bearerToken: old.token)
      #expect((taken != nil) == isTaken)
      #expect(try await keys.principal(bearerToken: new.token).keyID == new.id)
    }
    let error = await #expect(throws: APIKeyError.self) {
      try await keys.rotate(old.id, of: test.account, graceHours: 2, by: .system)
    }
    #expect(error?.code == "key_ended")
  }

  @Test("When a key was used is recorded beside the requests, and never set back")
  func lastUse() async throws {
    let test = try await TestSystem()
    let keys = test.system.keys
    let made = try await keys.create(APIKeyDraft(role: .viewer), for: test.account, by: .system)
    #expect(try await keys.key(made.id, of: test.account).lastUsedAt == nil)
    test.clock.advance(seconds: 5)
    let before = try await test.dump()
    for _ in 0..<3 { _ = try await keys.principal(bearerToken: made.token) }
    #expect(try await test.dump() == before)
    try await keys.recordUses()
    let used = test.clock.now()
    #expect(try await keys.key(made.id, of: test.account).lastUsedAt == used)
    test.clock.advance(seconds: -3)
    _ = try await keys.principal(bearerToken: made.token)
    try await keys.recordUses()
    #expect(try await keys.key(made.id, of: test.account).lastUsedAt == used)
  }
}
