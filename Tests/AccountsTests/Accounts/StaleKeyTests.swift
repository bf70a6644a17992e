import Accounts
import App
import AppTestKit
import Formats
import HTTPTypes
import Jobs
import Measurement
import Storage
import Synchronization
import TestKit
import Testing
import Values
import Web

/// What a process remembers of a key lets nobody write who may not: each write proves its key itself. The clock stands
/// still, so what is remembered never expires, and other processes tell this one nothing.
struct StaleKeyTests {
  struct Write: Sendable, CustomTestStringConvertible {
    let method: HTTPRequest.Method
    let path: String
    let body: String
    var testDescription: String { "\(method) \(path)" }
  }

  /// Every operation that writes for a key. `OWN` is the caller's own key.
  static let writes = [
    Write(method: .post, path: "/api/keys", body: #"{"role": "admin"}"#),
    Write(method: .post, path: "/api/keys/OWN/revoke", body: ""),
    Write(method: .put, path: "/api/accounts/acme/configuration", body: #"{"aov": 1}"#),
    Write(method: .put, path: "/api/accounts/acme/configuration?dry_run=true", body: #"{"aov": 1}"#),
    Write(
      method: .post, path: "/api/ml/battle-hardened/feedback",
      body: #"{"ad_id": "1", "date": "2026-05-20", "impressions": 2, "clicks": 1, "spend": 1}"#),
    Write(method: .post, path: "/api/ml/battle-hardened/select", body: #"{"total_budget": 100}"#),
    Write(method: .post, path: "/api/ml/attribution/track-click", body: #"{"click_id": "c", "ad_id": "1"}"#),
    Write(method: .post, path: "/api/ml/attribution/attribute-conversion", body: #"{"deal_id": "d", "ad_id": "1"}"#),
    Write(method: .post, path: "/api/jobs/01912345-6789-7abc-8def-0123456789ab/retry", body: ""),
    Write(method: .post, path: "/api/jobs/01912345-6789-7abc-8def-0123456789ab/cancel", body: ""),
  ]

  private static let ads = "ad_id,date,impressions,clicks,spend\n1,2026-05-20,1000,20,100\n"

  /// Has this process remember a key, lets another process do `change`, and sends `write`, which must be refused with
  /// `status` and leave everything as it is. Without the change it must be let through.
  private func refuses(
    _ write: Write, status: Int,
    _ change: @escaping @Sendable (_ other: System, _ keyID: String, TestSystem) async throws -> Void
  ) async throws {
    let test = try await TestSystem()
    try await test.importText(Self.ads, as: .adsCSV)
    try await test.serving { api in
      let made = try await test.system.keys.create(APIKeyDraft(role: .admin), for: test.account, by: .system)
      let caller = api.with(key: made.token)
      #expect(try await caller.send(.get, "/api/jobs").status == 200)
      try await change(test.anotherProcess(), made.id, test)
      #expect(try await caller.send(.get, "/api/jobs").status == 200, "remembered")
      let before = try await test.dump()
      let refusal = try await caller.send(
        write.method, write.path.replacing("OWN", with: made.id), write.body
      ).refusal()
      #expect(refusal.status == status)
      #expect(try await test.dump() == before)
      #expect(try await caller.send(.get, "/api/jobs").status == status, "no longer remembered")
    }
  }

  @Test("A key that another process revoked writes nothing", arguments: writes)
  func revoked(_ write: Write) async throws {
    try await refuses(write, status: 401) { other, keyID, test in
      _ = try await other.keys.revoke(keyID, of: test.account, by: .system)
    }
  }

  @Test("A key of a deleted account opens nothing of the account that has its name next", arguments: writes)
  func recreated(_ write: Write) async throws {
    try await refuses(write, status: 401) { other, _, test in
      _ = try await other.lifecycle.delete(test.account, by: .system)
      try await other.accounts.create(test.account)
      try await test.importText(Self.ads, as: .adsCSV)
    }
  }

  @Test(
    "A key of an account that was deleted is refused, and no fault of the server", arguments: [writes[0], writes[4]])
  func deleted(_ write: Write) async throws {
    try await refuses(write, status: 401) { other, _, test in
      _ = try await other.lifecycle.delete(test.account, by: .system)
    }
  }

  @Test("A key of an account that another process disabled writes nothing", arguments: [writes[0], writes[5]])
  func disabled(_ write: Write) async throws {
    try await refuses(write, status: 403) { other, _, test in
      try await other.lifecycle.disable(test.account, by: .system)
    }
  }

  @Test("A job goes on for the account that it began for, not for the one that has its name next")
  func job() async throws {
    let test = try await TestSystem()
    let other = try await test.anotherProcess()
    let before = Mutex<[String: [String]]>([:])
    let error = await #expect(throws: (any Error).self) {
      try await test.system.accounts.inIncarnation(of: test.account) {
        try await AccountScope.$current.withValue(.all) {
          _ = try await other.lifecycle.delete(test.account, by: .system)
          try await other.accounts.create(test.account)
          let dump = try await test.dump()
          before.withLock { $0 = dump }
        }
        _ = try await test.system.keys.create(for: test.account, role: .admin)
      }
    }
    guard case .discard(let failureClass, _)? = (error as? any JobError)?.verdict else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(failureClass == "account_gone")
    #expect(try await test.dump() == before.withLock { $0 })
  }

  @Test("An account is deleted while others write to it, and what comes later finds no account")
  func busy() async throws {
    let test = try await TestSystem()
    let (begun, begin) = AsyncStream.makeStream(of: Void.self)
    let writers = (0..<4).map { _ in
      Task {
        while (try? await test.system.keys.create(for: test.account, role: .viewer)) != nil { begin.yield() }
      }
    }
    for await _ in begun { break }
    let receipt = try await test.system.lifecycle.delete(test.account, by: .system)
    #expect(receipt.rowCounts["api_keys"] ?? 0 > 0)
    for writer in writers { await writer.value }
    await #expect(throws: AccountError.unknown(test.account)) {
      try await test.system.keys.create(for: test.account, role: .viewer)
    }
    #expect(try await test.number("SELECT COUNT(*) AS value FROM api_keys") == 0)
  }

  @Test("Uses that could not be recorded are written the next time")
  func failedUses() async throws {
    let test = try await TestSystem()
    let keys = test.system.keys
    let made = try await keys.create(APIKeyDraft(role: .viewer), for: test.account, by: .system)
    _ = try await keys.principal(bearerToken: made.token)
    let failing = AccountScope.account(test.account) { _ in throw DatabaseError.busy("test") }
    await #expect(throws: DatabaseError.busy("test")) {
      try await AccountScope.$current.withValue(failing) { try await keys.recordUses() }
    }
    #expect(try await keys.key(made.id, of: test.account).lastUsedAt == nil)
    try await keys.recordUses()
    #expect(try await keys.key(made.id, of: test.account).lastUsedAt == test.clock.now())
  }
}
