import App
import AppTestKit
import Foundation
import SampleData
import Storage
import TestKit
import Testing
import Values

/// The built program, run in a folder of its own: with a file there, or where tests run on PostgreSQL with a database
/// on a server.
final class Program: Sendable {
  /// What a run of the program gave.
  struct Outcome: Sendable {
    let status: Int32
    let output: String
    let errors: String

    var lines: [String] { output.split(separator: "\n").map(String.init) }
  }

  private let folder: TemporaryFolder
  private let served: TestDatabase?

  init(on server: PostgresTestServer? = .shared) async throws {
    folder = try TemporaryFolder()
    served = if let server { try await TestDatabase(.system, on: server) } else { nil }
  }

  /// The program beside the test bundle, or where a debug build puts it.
  static let executable: URL? = {
    let built = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: ".build/debug")
    let folders = [Bundle.main.executableURL?.deletingLastPathComponent(), built].compactMap { $0 }
    return folders.map { $0.appending(path: "geminivideo") }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }()

  /// The path of a file in the program's folder.
  func path(_ name: String) -> String {
    folder.path(name)
  }

  /// Writes a file into the program's folder.
  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(filePath: path(name)))
  }

  /// Makes a named pipe in the program's folder.
  func pipe(_ name: String) throws -> NamedPipe {
    try #require(mkfifo(path(name), 0o600) == 0)
    return NamedPipe(path: path(name))
  }

  /// How other programs reach the database that the program uses unless told otherwise.
  var databaseURL: String { served?.url ?? "sqlite:" + path(".geminivideo/geminivideo.sqlite") }

  /// Opens the database that the program uses unless told otherwise.
  func openDatabase() throws -> any Database {
    try served?.openAgain() ?? DatabaseURL("sqlite:" + path(".geminivideo/geminivideo.sqlite")).open()
  }

  /// Fills an account called `sample` with a month's figures, in `database` or the one that the program uses.
  func addSample(to database: (any Database)? = nil) async throws {
    let database = try database ?? openDatabase()
    try await System(database: database).addSample(#require(AccountID("sample")), seed: 7)
    await database.shutDown()
  }

  /// Starts the program with `arguments`.
  func start(_ arguments: [String], environment: [String: String] = [:]) throws -> RunningProgram {
    let executable = try #require(Self.executable, "geminivideo is not built")
    let given = served.map { ["DATABASE_URL": $0.url] } ?? [:]
    return try RunningProgram(
      executable, arguments, in: path("."), of: self, environment: given.merging(environment) { $1 })
  }

  /// Runs the program to its end as `script` of a shell says, which finds the program and its arguments in `"$0" "$@"`.
  func run(by script: String, _ arguments: String...) async throws -> Outcome {
    let executable = try #require(Self.executable, "geminivideo is not built")
    return try await RunningProgram(
      URL(filePath: "/bin/sh"), ["-c", script, executable.path] + arguments, in: path("."), of: self,
      environment: served.map { ["DATABASE_URL": $0.url] } ?? [:]
    ).outcome()
  }

  /// Runs the program to its end.
  func run(_ arguments: String..., environment: [String: String] = [:]) async throws -> Outcome {
    try await run(arguments, environment: environment)
  }

  /// Runs the program to its end.
  func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> Outcome {
    try await start(arguments, environment: environment).outcome()
  }

  /// Runs the program, which must succeed and say nothing on standard error, and returns what it printed.
  @discardableResult
  func output(_ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation) async throws -> String {
    let outcome = try await start(arguments).outcome()
    try #require(outcome.status == 0, "\(outcome.errors)", sourceLocation: sourceLocation)
    #expect(outcome.errors == "", sourceLocation: sourceLocation)
    return outcome.output
  }
}

/// A file that a program can read only as far as a test has written it.
struct NamedPipe: Sendable {
  let path: String

  /// Writes `bytes` and returns once the reader has taken them, but for what the pipe itself holds (64 KiB on Linux).
  ///
  /// The end that is returned is still open, so the reader waits for more.
  func feed(_ bytes: ArraySlice<UInt8>) async throws -> FileHandle {
    try await withCheckedThrowingContinuation { continuation in
      // Opening and writing wait for the reader: not on a thread of Swift's pool.
      Thread.detachNewThread {
        continuation.resume(
          with: Result {
            let handle = try #require(FileHandle(forWritingAtPath: path))
            try handle.write(contentsOf: Data(bytes))
            return handle
          })
      }
    }
  }
}
