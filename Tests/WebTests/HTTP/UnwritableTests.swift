import App
import AppTestKit
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Storage
import Synchronization
import TestKit
import Testing
import Values
import Web

/// A database that can be read and not written.
struct UnwritableTests {
  private func serving(
    _ database: SealedDatabase, _ clock: ManualClock, _ body: @escaping @Sendable (TestAPI) async throws -> Void
  ) async throws {
    let writing = Endpoint(
      .get, "/write", operationID: "write", summary: "Writes.", tag: "Test", access: .open,
      response: .object(required: [])
    ) { _ in
      try await database.write { _ = try $0.query("SELECT 1 AS one") }
      return Reply.object { _ in }
    }
    let endpoints = HealthRoutes(database: database, clock: { clock.now() }).endpoints + [writing]
    let router = EndpointRouter(
      endpoints: endpoints, authenticator: NoKeys(), metrics: RequestMetrics(clock: { clock.now() })
    ).router()
    try await Application(router: router).test(.router) { client in
      try await body(TestAPI(client: client, key: nil))
    }
  }

  @Test("Writes are answered 503 with Retry-After, and readiness says what it is, until the database can be written")
  func answers() async throws {
    let test = try await TestDatabase(.system)
    let (database, clock) = (SealedDatabase(base: test.database), ManualClock())
    try await serving(database, clock) { api in
      #expect(try await api.send(.get, "/readyz").status == 200)
      clock.advance(seconds: 1)
      for error in [DatabaseError.unwritable("disk full"), .unavailable("a standby"), .busy("others write")] {
        database.failure.withLock { $0 = error }
        for path in ["/write", "/readyz"] {
          let answer = try await api.send(.get, path)
          #expect(answer.status == 503, "\(path)")
          #expect(answer.headers[.retryAfter] != nil, "\(path)")
        }
        clock.advance(seconds: 1)
      }
      database.failure.withLock { $0 = nil }
      #expect(try await api.send(.get, "/readyz").status == 200)
      #expect(try await api.send(.get, "/write").status == 200)
    }
  }

  @Test("The database is looked at once a second, however often somebody asks")
  func once() async throws {
    let test = try await TestDatabase(.system)
    let (database, clock) = (SealedDatabase(base: test.database), ManualClock())
    try await serving(database, clock) { api in
      for _ in 0..<5 { _ = try await api.send(.get, "/readyz") }
      #expect(database.checks.withLock { $0 } == 1)
      clock.advance(seconds: 1)
      for _ in 0..<5 { _ = try await api.send(.get, "/readyz") }
      #expect(database.checks.withLock { $0 } == 2)
    }
  }
}

/// Nobody has a key.
private struct NoKeys: Authenticator {
  func principal(bearerToken: String?) async throws -> Principal {
    throw APIError(.unauthorized, "unauthorized", "there are no keys")
  }

  func prove(_ principal: Principal, in transaction: any Transaction) throws {}
}

/// A database whose writes fail as long as it is told so.
private final class SealedDatabase: Database {
  let base: any Database
  let failure = Mutex<DatabaseError?>(nil)
  let checks = Mutex(0)

  init(base: any Database) {
    self.base = base
  }

  var dialect: Dialect { base.dialect }

  func checkWritable() async throws {
    checks.withLock { $0 += 1 }
    if let failure = failure.withLock({ $0 }) { throw failure }
  }

  func read<Result: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result {
    try await base.read(body)
  }

  func write<Result: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result {
    if let failure = failure.withLock({ $0 }) { throw failure }
    return try await base.write(body)
  }
}
