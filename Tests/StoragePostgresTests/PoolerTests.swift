import Foundation
import Storage
import StoragePostgres
import TestKit
import Testing

/// PgBouncer in front of a server, each of its databases on three of the server's sessions, by the transaction.
private final class Pooler: Sendable {
  static let program = "/usr/sbin/pgbouncer"

  /// It is put before the server that the tests start, not before one that they are given.
  static let isUsable =
    FileManager.default.isExecutableFile(atPath: program)
    && ProcessInfo.processInfo.environment["GEMINIVIDEO_TEST_DATABASE_URL"] == nil

  private let process: Process
  private let folder: TemporaryFolderPath

  init(before server: TestServer) throws {
    folder = try TemporaryFolderPath()
    let settings = """
      [databases]
      * = host=\(server.path) port=5432 user=postgres
      [pgbouncer]
      listen_addr =
      unix_socket_dir = \(folder.path)
      listen_port = 6432
      auth_type = any
      pool_mode = transaction
      default_pool_size = 3
      max_client_conn = 300
      logfile = \(folder.path)/log
      user = nobody

      """
    try Data(settings.utf8).write(to: URL(filePath: folder.path + "/pgbouncer.ini"))
    process = Process()
    process.executableURL = URL(filePath: Self.program)
    process.arguments = ["-q", folder.path + "/pgbouncer.ini"]
    try process.run()
  }

  func settings(_ database: String, _ parameters: String) throws -> PostgresSettings {
    var settings = try PostgresSettings(
      "postgresql://postgres@/\(database)?host=\(folder.path)&port=6432\(parameters)")
    settings.secondsToConnection = 60
    return settings
  }

  /// Kills it: it inherits a mask of signals in which the gentler ones are blocked.
  func stop() {
    kill(process.processIdentifier, SIGKILL)
    folder.remove()
  }
}

/// A folder that everybody may write to, as the pooler does under another name.
private struct TemporaryFolderPath {
  let path = FileManager.default.temporaryDirectory.appending(
    path: "geminivideo-pooler-\(UUID().uuidString.prefix(8))"
  ).path

  init() throws {
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o777])
    try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: path)
  }

  func remove() {
    try? FileManager.default.removeItem(atPath: path)
  }
}

@Suite(
  "Behind PgBouncer by the transaction",
  .enabled(if: Pooler.isUsable, "pgbouncer is not installed, or not before this server"))
struct PoolerTests {
  @Test("without prepared statements the driver keeps the promises of Database")
  func conforms() async throws {
    let server = try TestServer.shared()
    let pooler = try Pooler(before: server)
    defer { pooler.stop() }
    try await server.withDatabaseName { name in
      for check in DatabaseConformance.cases + DatabaseConformance.vectors where !check.needsSession {
        let database = PostgresDatabase(try pooler.settings(name, "&prepared=false"))
        do { try await check.run(database) } catch { Issue.record(error, "\(check.name)") }
        try await database.write { transaction in
          _ = try transaction.execute("DROP SCHEMA public CASCADE")
          _ = try transaction.execute("CREATE SCHEMA public")
        }
        await database.shutDown()
      }
    }
  }

  @Test("timeouts reach the statement, and do not stay in the server's session")
  func timeouts() async throws {
    let server = try TestServer.shared()
    let pooler = try Pooler(before: server)
    defer { pooler.stop() }
    try await server.withDatabaseName { name in
      var settings = try pooler.settings(name, "&prepared=false")
      settings.secondsPerStatement = 1
      let short = PostgresDatabase(settings)
      let error = await #expect(throws: DatabaseError.self) {
        _ = try await short.read { try $0.query("SELECT pg_sleep(\(600.0))") }
      }
      #expect(error?.description.contains("57014") == true)
      settings.secondsPerStatement = 0
      let long = PostgresDatabase(settings)
      let limit = try await long.read { transaction in
        try transaction.first("SELECT current_setting('statement_timeout') AS v")?.get("v", as: String.self)
      }
      #expect(limit == "0")
      await short.shutDown()
      await long.shutDown()
    }
  }

  @Test("with prepared statements, which is a mistake there, the results are right all the same")
  func mistaken() async throws {
    let server = try TestServer.shared()
    let pooler = try Pooler(before: server)
    defer { pooler.stop() }
    try await server.withDatabaseName { name in
      let databases = try (0..<2).map { _ in PostgresDatabase(try pooler.settings(name, "&pool_size=5")) }
      try await makeCounter(on: databases[0])
      try await withThrowingTaskGroup(of: Void.self) { group in
        for index in 0..<60 {
          group.addTask {
            let database = databases[index % 2]
            try await database.write(isolation: .readCommitted) { transaction in
              _ = try transaction.execute("UPDATE counters SET n = n + \(index)")
            }
            let sum = try await database.read { transaction in
              try transaction.first("SELECT \(index) + \(index) AS n")?.get("n", as: Int.self)
            }
            #expect(sum == index * 2)
          }
        }
        try await group.waitForAll()
      }
      #expect(try await count(on: databases[0]) == (0..<60).reduce(0, +))
      for database in databases { await database.shutDown() }
    }
  }
}
