import Foundation
import Storage
import Synchronization
import Testing

@testable import StoragePostgres

/// A PostgreSQL server for tests: the one of `GEMINIVIDEO_TEST_DATABASE_URL`, or one that is started for them.
final class TestServer: Sendable {
  /// The server that all tests share, each in a schema of its own. It ends with the tests.
  static func shared() throws -> TestServer { try theShared.get() }

  /// Begins every setting of `options` in a URI.
  private static let setting = "-c%20"

  private static let theShared = Result<TestServer, any Error> {
    if let url = ProcessInfo.processInfo.environment["GEMINIVIDEO_TEST_DATABASE_URL"] {
      return TestServer(url: url, folder: nil)
    }
    let server = try TestServer.started()
    serverToStop.withLock { $0 = server }
    atexit { serverToStop.withLock { $0 }?.stop() }
    return server
  }

  private let url: String
  private let folder: URL?

  private init(url: String, folder: URL?) {
    self.url = url
    self.folder = folder
  }

  /// Starts a server of its own, which the caller stops.
  static func started() throws -> TestServer {
    let folder = URL(filePath: "/tmp").appending(path: "geminivideo-pg-\(UUID().uuidString.prefix(8))")
    try script("start", folder)
    let url = try script("url", folder).trimmingCharacters(in: .whitespacesAndNewlines)
    return TestServer(url: url, folder: folder)
  }

  /// Stops the server and removes its data.
  func stop() {
    guard let folder else { return }
    _ = try? Self.script("stop", folder)
    try? FileManager.default.removeItem(at: folder)
  }

  /// Kills the server at once, as a loss of power does, and waits until it is gone.
  func kill() throws {
    let folder = try #require(folder)
    let file = try String(contentsOf: folder.appending(path: "data/postmaster.pid"), encoding: .utf8)
    let process = try #require(file.split(separator: "\n").first.flatMap { Int32($0) })
    #expect(Foundation.kill(process, SIGKILL) == 0)
    while Foundation.kill(process, 0) == 0 { sched_yield() }
  }

  /// Starts the server again after ``kill()``.
  func startAgain() throws {
    _ = try Self.script("start", try #require(folder))
  }

  /// The folder of the server's socket, and of its data.
  var path: String { folder?.path ?? "" }

  /// Gives `body` the name of an empty database of its own, removed at the end.
  func withDatabaseName<Result: Sendable>(_ body: (String) async throws -> Result) async throws -> Result {
    let name = "d\(UUID().uuidString.replacing("-", with: "").lowercased())"
    try administer("CREATE DATABASE \(name)")
    defer { try? administer("DROP DATABASE \(name) WITH (FORCE)") }
    return try await body(name)
  }

  /// Gives `body` an empty database of its own: for what holds locks of a whole database.
  func withOwnDatabase<Result: Sendable>(
    adjusting adjust: (inout PostgresSettings) -> Void = { _ in },
    _ body: (PostgresDatabase) async throws -> Result
  ) async throws -> Result {
    try await withDatabaseName { name in
      var settings = try PostgresSettings(url(["dbname=\(name)"]))
      adjust(&settings)
      let database = PostgresDatabase(settings)
      let outcome: Swift.Result<Result, any Error>
      do { outcome = .success(try await body(database)) } catch { outcome = .failure(error) }
      await database.shutDown()
      return try outcome.get()
    }
  }

  /// Runs a statement without a transaction, where a database can be made and removed.
  func administer(_ statement: String) throws {
    let connection = try Connection(try PostgresSettings(url), namePrefix: "admin")
    try connection.send(statement)
    try connection.settle(try connection.finishBatch())
  }

  /// The connection string, with further parameters of the URI and settings of the session.
  func url(_ parameters: [String] = [], schema: String? = nil) -> String {
    let options = schema.map { ["options=\(Self.setting)search_path%3D\($0)"] } ?? []
    let added = parameters + options
    guard !added.isEmpty else { return url }
    return url + (url.contains("?") ? "&" : "?") + added.joined(separator: "&")
  }

  /// Gives `body` an empty database: a schema of its own, removed at the end.
  func withFreshDatabase<Result: Sendable>(
    adjusting adjust: (inout PostgresSettings) -> Void = { _ in },
    _ body: (PostgresDatabase) async throws -> Result
  ) async throws -> Result {
    let schema = "t\(UUID().uuidString.replacing("-", with: "").lowercased())"
    let owner = PostgresDatabase(try PostgresSettings(url(["pool_size=1"])))
    _ = try await owner.write { try $0.execute("CREATE SCHEMA \(SQL(stringLiteral: schema))") }
    var settings = try PostgresSettings(url(schema: schema))
    // A busy machine takes its time; tests of the limit set their own.
    settings.secondsToTurn = 600
    adjust(&settings)
    let database = PostgresDatabase(settings)
    let outcome: Swift.Result<Result, any Error>
    do { outcome = .success(try await body(database)) } catch { outcome = .failure(error) }
    await database.shutDown()
    _ = try await owner.write { try $0.execute("DROP SCHEMA \(SQL(stringLiteral: schema)) CASCADE") }
    await owner.shutDown()
    return try outcome.get()
  }

  @discardableResult
  private static func script(_ command: String, _ folder: URL) throws -> String {
    let checkout = URL(filePath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let process = Process()
    process.executableURL = checkout.appending(path: "scripts/postgres.sh")
    process.arguments = [command, folder.path]
    process.environment = ProcessInfo.processInfo.environment
      .merging(["POSTGRES_OPTIONS": "-c max_connections=400 -c fsync=off"]) { $1 }
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw ScriptFailure(command: command) }
    return text
  }
}

/// `scripts/postgres.sh` could not do what it was asked; it has said why.
struct ScriptFailure: Error {
  let command: String
}

private let serverToStop = Mutex<TestServer?>(nil)
