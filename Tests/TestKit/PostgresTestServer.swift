import CLibPQ
import Dispatch
import Foundation
import Storage
import StoragePostgres
import Synchronization
import Values

/// A PostgreSQL server that tests were given, with databases of their own and a role that is no superuser.
///
/// Schemas are made once, in a database that the others are copied from.
package final class PostgresTestServer: Sendable {
  /// The server that the environment names; nil where tests are to use SQLite.
  package static let shared: PostgresTestServer? = {
    guard let url = ProcessInfo.processInfo.environment["GEMINIVIDEO_TEST_DATABASE_URL"] else { return nil }
    do {
      let server = try PostgresTestServer(url)
      serverToClear.withLock { $0 = server }
      atexit { serverToClear.withLock { $0 }?.clear() }
      return server
    } catch {
      preconditionFailure("GEMINIVIDEO_TEST_DATABASE_URL cannot be used: \(error)")
    }
  }()

  private let url: String
  private let address: ServerAddress
  private let role = "geminivideo_\(randomName())"
  private let password = randomName()
  /// Roles beside the one that owns the databases.
  private let otherRoles = Mutex<[String]>([])
  private let templates = Mutex<[String: Task<String, any Error>]>([:])
  private let databases = Mutex<Set<String>>([])
  /// Statements on databases wait for the server: they have threads of their own for that.
  private let creating = makeLanes()
  private let dropping = DispatchQueue(label: "test databases to go")

  /// Takes the server at `url`, as one who may make databases and roles there.
  package init(_ url: String) throws {
    self.url = url
    address = try ServerAddress(url)
    try administer("CREATE ROLE \(role) LOGIN PASSWORD '\(password)'")
  }

  /// Makes a database with `schema` and returns its name.
  func makeDatabase(_ schema: TestSchema) async throws -> String {
    let template = templates.withLock { templates in
      let known = templates[schema.name] ?? Task { try await self.makeTemplate(schema) }
      templates[schema.name] = known
      return known
    }
    return try await create(from: try await template.value)
  }

  /// How the tests' role connects to a database. Few connections each: hundreds of tests share the server.
  func url(ofDatabase name: String) -> String {
    address.url(user: role, password: password, database: name, parameters: ["pool_size=4"])
  }

  /// Makes a role that owns nothing and returns its name.
  func makeRole(passingRowSecurity: Bool) throws -> String {
    let name = "geminivideo_\(Self.randomName())"
    try administer("CREATE ROLE \(name) LOGIN PASSWORD '\(password)' \(passingRowSecurity ? "BYPASSRLS" : "")")
    otherRoles.withLock { $0.append(name) }
    return name
  }

  /// How another role connects to a database.
  func url(ofDatabase name: String, as role: String) -> String {
    address.url(user: role, password: password, database: name, parameters: ["pool_size=4"])
  }

  /// Removes a database, soon.
  func drop(_ name: String) {
    dropping.async { self.dropNow(name) }
  }

  private func makeTemplate(_ schema: TestSchema) async throws -> String {
    let name = try await create(from: "template1")
    if schema.hasVectors { try makeVectorExtension(inDatabase: name) }
    var settings = try PostgresSettings(url(ofDatabase: name))
    settings.secondsToTurn = 600
    let database = PostgresDatabase(settings)
    try await Migrator(schema.migrations).migrate(database, at: Instant(seconds: 0))
    await database.shutDown()
    return name
  }

  /// Makes the extension for vectors: only a superuser may, and the tests' role is none.
  func makeVectorExtension(inDatabase name: String) throws {
    try Self.run("CREATE EXTENSION vector", at: address.superuserURL(database: name))
  }

  private func create(from template: String) async throws -> String {
    let name = "geminivideo_\(Self.randomName())"
    databases.withLock { _ = $0.insert(name) }
    try await withCheckedThrowingContinuation { continuation in
      creating.addOperation {
        continuation.resume(
          with: Result { try self.administer("CREATE DATABASE \(name) OWNER \(self.role) TEMPLATE \(template)") })
      }
    }
    return name
  }

  private func dropNow(_ name: String) {
    guard (try? administer("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")) != nil else { return }
    databases.withLock { _ = $0.remove(name) }
  }

  /// Leaves the server as it was found.
  private func clear() {
    dropping.sync { for name in databases.withLock({ $0 }) { dropNow(name) } }
    for name in otherRoles.withLock({ $0 }) + [role] { try? administer("DROP ROLE \(name)") }
  }

  /// Runs a statement outside of a transaction in a database, as its owner.
  func run(_ statement: String, inDatabase name: String) throws {
    try Self.run(statement, at: address.url(user: role, password: password, database: name, parameters: []))
  }

  /// Runs a statement outside of a transaction, as those on databases demand.
  private func administer(_ statement: String) throws {
    try Self.run(statement, at: url)
  }

  private static func run(_ statement: String, at url: String) throws {
    let connection = PQconnectdb(url)
    defer { PQfinish(connection) }
    let result = PQexec(connection, statement)
    defer { PQclear(result) }
    guard PQresultStatus(result) == PGRES_COMMAND_OK else {
      throw DatabaseError.unavailable(PQerrorMessage(connection).map { String(cString: $0) } ?? "no answer")
    }
  }

  private static func makeLanes() -> OperationQueue {
    let lanes = OperationQueue()
    lanes.maxConcurrentOperationCount = 4
    return lanes
  }

  private static func randomName() -> String {
    String(UInt64.random(in: 0...UInt64.max), radix: 36)
  }
}

private let serverToClear = Mutex<PostgresTestServer?>(nil)

/// The parts of a server's URI that stay the same whoever connects to which database.
private struct ServerAddress {
  private let superuser: Substring
  private let host: Substring
  private let parameters: [Substring]

  init(_ url: String) throws {
    guard let match = url.wholeMatch(of: #/postgres(?:ql)?://([^@/]*@)?([^/?]*)(?:/[^?]*)?(?:\?(.*))?/#) else {
      throw DatabaseError.unavailable("it must be postgresql://USER@HOST/NAME")
    }
    superuser = match.1 ?? ""
    host = match.2
    parameters = (match.3 ?? "").split(separator: "&").filter { !$0.hasPrefix("pool_size=") }
  }

  func url(user: String, password: String, database: String, parameters more: [Substring]) -> String {
    "postgresql://\(user):\(password)@\(host)/\(database)?\((parameters + more).joined(separator: "&"))"
  }

  func superuserURL(database: String) -> String {
    "postgresql://\(superuser)\(host)/\(database)?\(parameters.joined(separator: "&"))"
  }
}
