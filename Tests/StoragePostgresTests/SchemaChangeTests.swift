import Storage
import StoragePostgres
import Testing
import Values

@Suite("PostgreSQL while the schema changes")
struct SchemaChangeTests {
  private static let limits: SQL = """
    SELECT current_setting('statement_timeout') || ' ' || current_setting('lock_timeout') AS limits
    """

  private func limits(in transaction: any Transaction) throws -> String {
    try #require(try transaction.first(Self.limits)).get("limits")
  }

  @Test(
    "a change of the schema has no limits of time, what comes after it has them again", arguments: SchemaChange.allCases
  )
  func noLimits(_ change: SchemaChange) async throws {
    try await TestServer.shared().withOwnDatabase(adjusting: { $0.largestPool = 1 }) { database in
      let before = try await database.read { try limits(in: $0) }
      let during = try await database.changeSchema(change) { try limits(in: $0) }
      let after = try await database.read { try limits(in: $0) }
      #expect([before, during, after] == ["1min 10s", "0 0", "1min 10s"])
    }
  }

  @Test("one at a time changes the schema, and nothing is done by the others", arguments: SchemaChange.allCases)
  func oneAtATime(_ change: SchemaChange) async throws {
    try await TestServer.shared().withOwnDatabase { database in
      let (begun, begin) = AsyncStream.makeStream(of: Void.self)
      let holder = Task {
        try await database.changeSchema(change) { transaction in
          begin.finish()
          // Ends when the task is cancelled.
          _ = try transaction.query("SELECT pg_sleep(\(600.0))")
        }
      }
      for await _ in begun {}
      for other in SchemaChange.allCases {
        let made = try await database.changeSchema(other) { try $0.execute("CREATE TABLE made (id BIGINT)") }
        #expect(made == nil)
      }
      holder.cancel()
      await #expect(throws: CancellationError.self) { try await holder.value }
      // The session that held the lock is gone as soon as the server has noticed.
      while try await database.changeSchema(.together, { _ in true }) == nil { await Task.yield() }
      let isAbsent = try await database.read { transaction in
        try transaction.first("SELECT to_regclass('made') IS NULL AS absent")?.get("absent", as: Bool.self)
      }
      #expect(isAbsent == true)
    }
  }

  @Test("a step outside of a transaction is refused behind a pooler of transactions")
  func pooler() async throws {
    try await TestServer.shared().withOwnDatabase(adjusting: { $0.hasTransactionPooler = true }) { database in
      let refused = await #expect(throws: DatabaseError.self) {
        _ = try await database.changeSchema(.outsideTransaction) { _ in true }
      }
      let error = try #require(refused)
      #expect("\(error)".contains("prepared=false"))
      let during = try await database.changeSchema(.together) { try limits(in: $0) }
      #expect(during == "0 0")
    }
  }
}
