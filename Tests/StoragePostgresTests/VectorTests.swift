import Foundation
import Storage
import StoragePostgres
import TestKit
import Testing

@Suite("Vectors on PostgreSQL")
struct VectorTests {
  private static let step = Migrator([.vectors("0001_vectors")])

  @Test("A role that may not create the extension is told what to do, and goes on once that is done")
  func role() async throws {
    let server = try TestServer.shared()
    let role = "r\(UUID().uuidString.replacing("-", with: "").lowercased())"
    try server.administer("CREATE ROLE \(role)")
    defer { try? server.administer("DROP ROLE \(role)") }
    try await server.withDatabaseName { name in
      let superuser = PostgresDatabase(try PostgresSettings(server.url(["dbname=\(name)"])))
      let database = PostgresDatabase(
        try PostgresSettings(server.url(["dbname=\(name)", "options=-c%20role%3D\(role)"])))
      try await superuser.write { transaction in
        _ = try transaction.execute("GRANT CREATE ON SCHEMA public TO \(SQL(stringLiteral: role))")
      }
      let error = await #expect(throws: DatabaseError.self) {
        try await Self.step.migrate(database, at: ManualClock().now())
      }
      let text = try #require(error).description
      #expect(text.contains("have a superuser run 'CREATE EXTENSION vector' in this database once"))
      #expect(text.contains("42501"))
      #expect(try await Self.step.status(of: database).map(\.isApplied) == [false])
      _ = try await superuser.write { try $0.execute("CREATE EXTENSION vector") }
      #expect(try await Self.step.migrate(database, at: ManualClock().now()) == ["0001_vectors"])
      await database.shutDown()
      await superuser.shutDown()
    }
  }

  @Test("A connection that looked in vain for the type finds it once the extension is there")
  func createdLater() async throws {
    try await TestServer.shared().withOwnDatabase(adjusting: { $0.largestPool = 1 }) { database in
      let vector: [Float] = [1, 2]
      let error = await #expect(throws: DatabaseError.self) {
        _ = try await database.read { try $0.query("SELECT \(vector) AS place") }
      }
      #expect(error?.description.contains("its extension vector is missing") == true)
      try await Self.step.migrate(database, at: ManualClock().now())
      let read = try await database.read { try $0.first("SELECT \(vector) AS place")?.get("place", as: [Float].self) }
      #expect(read == vector)
    }
  }

  @Test("A vector is read on a connection that has bound none")
  func readFirst() async throws {
    try await TestServer.shared().withOwnDatabase(adjusting: { $0.largestPool = 1 }) { database in
      try await Self.step.migrate(database, at: ManualClock().now())
      let read = try await database.read { transaction in
        try transaction.query("SELECT CAST('[0.5,-2]' AS vector) AS place, n FROM generate_series(1, 3) AS n").map {
          try $0.get("place", as: [Float].self)
        }
      }
      #expect(read == Array(repeating: [0.5, -2], count: 3))
    }
  }

  @Test("What is neither PostgreSQL's own type nor a vector is still not read")
  func otherTypes() async throws {
    try await TestServer.shared().withOwnDatabase { database in
      let error = await #expect(throws: DatabaseError.self) {
        _ = try await database.read { try $0.query("SELECT CAST('1.2.3.4' AS inet) AS address") }
      }
      #expect(error?.description.contains("address has a type (869) that cannot be read") == true)
    }
  }
}
