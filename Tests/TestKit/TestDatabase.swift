import Foundation
import Storage
import StoragePostgres
import StorageSQLite

/// The tables that a test's database begins with.
package struct TestSchema: Sendable {
  /// What tells it apart from other schemas.
  package let name: String
  /// What makes it.
  package let migrations: [Migration]
  /// Whether a server's database has the extension for vectors before the first step.
  let hasVectors: Bool

  /// Names the steps that make a schema.
  package init(_ name: String, _ migrations: [Migration], hasVectors: Bool = true) {
    self.name = name
    self.migrations = migrations
    self.hasVectors = hasVectors
  }
}

/// A database of its own for one test, removed when the test is done with it: a SQLite file, or a database on a
/// PostgreSQL server, which is the one that `GEMINIVIDEO_TEST_DATABASE_URL` names unless the test has another.
package final class TestDatabase: Sendable {
  /// The database, its schema made.
  package let database: any Database
  /// How a program connects to it.
  package let url: String
  private let folder: TemporaryFolder
  /// The server, and the database's name there; nil for a file.
  private let place: (server: PostgresTestServer, name: String)?

  /// Whether tests run on PostgreSQL.
  package static var isPostgres: Bool { PostgresTestServer.shared != nil }

  /// Makes the database.
  package init(_ schema: TestSchema, on server: PostgresTestServer? = .shared) async throws {
    folder = try TemporaryFolder()
    if let server {
      let name = try await server.makeDatabase(schema)
      place = (server, name)
      url = server.url(ofDatabase: name)
    } else {
      place = nil
      url = "sqlite:" + folder.path("data.sqlite")
    }
    database = try Self.open(url)
    try await Migrator(schema.migrations).migrate(database, at: ManualClock().now())
  }

  deinit {
    guard let place else { return }
    Task { [database] in
      await database.shutDown()
      place.server.drop(place.name)
    }
  }

  /// Opens the database once more, as another process would.
  package func openAgain() throws -> any Database {
    try Self.open(url)
  }

  /// Opens a server's database as a role that owns nothing. `grants` makes the statements that the owner runs for it.
  package func openRestricted(
    passingRowSecurity: Bool = false, _ grants: (_ role: String) -> [String]
  ) throws -> any Database {
    guard let place else { throw DatabaseError.unavailable("a file has no roles") }
    let role = try place.server.makeRole(passingRowSecurity: passingRowSecurity)
    for statement in grants(role) { try place.server.run(statement, inDatabase: place.name) }
    return try Self.open(place.server.url(ofDatabase: place.name, as: role))
  }

  /// Makes a server's extension for vectors, as a superuser does.
  package func makeVectorExtension() throws {
    try place.map { try $0.server.makeVectorExtension(inDatabase: $0.name) }
  }

  /// Has the server remove what is dead from a table, as it does by itself from time to time.
  package func vacuum(_ table: String) throws {
    guard let place else { return }
    try place.server.run("VACUUM \(table)", inDatabase: place.name)
  }

  /// The path of a file in the database's folder.
  package func path(_ name: String) -> String {
    folder.path(name)
  }

  private static func open(_ url: String) throws -> any Database {
    guard url.hasPrefix("sqlite:") else {
      var settings = try PostgresSettings(url)
      // Suites side by side on a busy machine take turns for longer than a server's callers would wait.
      settings.secondsToTurn = 600
      return PostgresDatabase(settings)
    }
    return try SQLiteDatabase(path: String(url.dropFirst("sqlite:".count)), secondsToWrite: 600)
  }
}
