import Accounts
import AppTestKit
import Decisions
import Jobs
import Storage
import TestKit
import Testing
import Values
import Web

@testable import App

/// How processes hear of what others did. The clock stands still, so nothing that is kept expires by itself.
@Suite(.timeLimit(.minutes(15)))
struct NoticesTests {
  /// A job of a queue that the system serves.
  private struct AnyJob: AccountJob {
    static let name = "any"
    static let queue = MonitorFatigue.queue
    let accountID: AccountID
  }

  /// Gives `body` two systems on one database, as two processes have them; the second one listens.
  private static func listening(
    _ body: @Sendable (_ test: TestSystem, _ listener: System) async throws -> Void
  ) async throws {
    let test = try await TestSystem()
    let elsewhere = try test.openDatabaseAgain()
    let listener = try await System(database: elsewhere, clock: { test.clock.now() })
    let role = try #require(NotificationRole(listener))
    let signal = listener.jobs.signal(for: [AnyJob.queue])
    let listening = Task { await role.run() }
    await signal.wait()
    do {
      try await body(test, listener)
    } catch {
      Issue.record(error)
    }
    listening.cancel()
    await listening.value
    await elsewhere.shutDown()
  }

  /// Notifications come in the order of their transactions: once the workers are woken for a job that was pushed after a
  /// change, the change has been heard of.
  private static func waitForNotices(_ test: TestSystem, _ listener: System) async throws {
    let signal = listener.jobs.signal(for: [AnyJob.queue])
    try await DatabaseJobQueue(database: test.system.database, clock: { test.clock.now() }).push([
      AnyJob(accountID: test.account)
    ])
    await signal.wait()
  }

  @Test("A push by another process wakes the workers of its queue", .enabled(if: TestDatabase.isPostgres))
  func wakes() async throws {
    try await Self.listening { test, listener in
      try await Self.waitForNotices(test, listener)
      #expect(try await listener.jobs.list(JobFilter()).count == 1)
    }
  }

  @Test("A configuration that another process changed is seen at once", .enabled(if: TestDatabase.isPostgres))
  func configuration() async throws {
    try await Self.listening { test, listener in
      #expect(try await listener.accounts.configuration(of: test.account).version == 1)
      try await test.configure(#"{"exploration": 0.25}"#)
      try await Self.waitForNotices(test, listener)
      #expect(try await listener.accounts.configuration(of: test.account).exploration == 0.25)
    }
  }

  @Test("A key that another process revoked or rotated is refused at once", .enabled(if: TestDatabase.isPostgres))
  func keys() async throws {
    try await Self.listening { test, listener in
      let keys = test.system.keys
      let revoked = try await keys.create(APIKeyDraft(role: .viewer), for: test.account, by: .system)
      let rotated = try await keys.create(APIKeyDraft(role: .viewer), for: test.account, by: .system)
      for key in [revoked, rotated] { _ = try await listener.keys.principal(bearerToken: key.token) }
      _ = try await keys.revoke(revoked.id, of: test.account, by: .system)
      _ = try await keys.rotate(rotated.id, of: test.account, graceHours: 0, by: .system)
      try await Self.waitForNotices(test, listener)
      for key in [revoked, rotated] {
        let refusal = await #expect(throws: AuthenticationError.self) {
          try await listener.keys.principal(bearerToken: key.token)
        }
        #expect(refusal?.apiError.status == .unauthorized)
      }
    }
  }

  @Test(
    "An account that another process disabled, enabled, limited or deleted is so at once",
    .enabled(if: TestDatabase.isPostgres))
  func lifecycle() async throws {
    try await Self.listening { test, listener in
      let (account, lifecycle) = (test.account, test.system.lifecycle)
      let key = try await test.system.keys.create(APIKeyDraft(role: .viewer), for: account, by: .system).token
      let status = { () async throws -> APIError.Status? in
        try await Self.waitForNotices(test, listener)
        do {
          _ = try await listener.keys.principal(bearerToken: key)
          return nil
        } catch let error as AuthenticationError {
          return error.apiError.status
        }
      }
      #expect(try await status() == nil)
      try await lifecycle.disable(account, by: .system)
      #expect(try await status() == .forbidden)
      try await lifecycle.enable(account, by: .system)
      #expect(try await status() == nil)
      try await lifecycle.setRate(RequestRate(perMinute: 1, burst: 1), of: account, by: .system)
      #expect(try await status() == nil)
      #expect(try await status() == .tooManyRequests)
      _ = try await lifecycle.delete(account, by: .system)
      #expect(try await status() == .unauthorized)
      await #expect(throws: AccountError.unknown(account)) { try await listener.accounts.configuration(of: account) }
    }
  }

  @Test("A file tells of nothing", .enabled(if: !TestDatabase.isPostgres))
  func silent() async throws {
    #expect(NotificationRole(try await TestSystem().system) == nil)
  }
}
