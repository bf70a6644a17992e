import Foundation
import Storage
import StorageSQLite
import TestKit
import Testing

// Waiting for a program keeps a thread from the other tests: one at a time.
@Suite("A program that is killed", .serialized)
struct CrashTests {
  @Test("leaves all that it committed and nothing of what it had begun", arguments: [1, 3])
  func killedInTransaction(rounds: Int) async throws {
    try await TemporaryFolder.with { folder in
      let path = folder.path("crash.sqlite")
      for round in 1...rounds {
        let committed = try await Self.runWriterUntilItHolds(path: path)
        let database = try SQLiteDatabase(path: path)
        let (ids, check) = try await database.read { transaction in
          (
            try transaction.query("SELECT id FROM written ORDER BY id").map { try $0.get("id", as: Int.self) },
            try transaction.first("PRAGMA integrity_check")?.get("integrity_check", as: String.self)
          )
        }
        #expect(committed.count == 20)
        #expect(ids == Array(1...(20 * round)), "what was announced is there, and nothing else")
        #expect(committed == Array(ids.suffix(20)))
        #expect(check == "ok")
        _ = try await database.write { try $0.execute("UPDATE written SET filler = \("rewritten")") }
      }
    }
  }

  /// Runs `crash-writer` until it stands in the middle of a transaction, kills it and returns what it had announced.
  private static func runWriterUntilItHolds(path: String) async throws -> [Int] {
    let process = Process()
    let writer = try #require(builtExecutable("crash-writer"), "crash-writer is built beside the tests")
    process.executableURL = writer
    process.arguments = [path]
    let output = Pipe()
    let input = Pipe()
    process.standardOutput = output
    process.standardInput = input
    let (ended, end) = AsyncStream.makeStream(of: Void.self)
    process.terminationHandler = { _ in end.finish() }
    try process.run()
    defer { kill(process.processIdentifier, SIGKILL) }

    var committed: [Int] = []
    var isHolding = false
    for line in Lines(output.fileHandleForReading) {
      if line == "holding" {
        isHolding = true
        break
      }
      committed.append(try #require(Int(line), "\(line)"))
    }
    #expect(isHolding)
    kill(process.processIdentifier, SIGKILL)
    for await _ in ended {}
    #expect(process.terminationReason == .uncaughtSignal)
    try input.fileHandleForWriting.close()
    return committed
  }

  /// An executable of this package, which the build puts beside the tests.
  private static func builtExecutable(_ name: String) -> URL? {
    let places = CommandLine.arguments + Bundle.allBundles.map(\.bundlePath)
    return places.lazy
      .map { URL(filePath: $0).deletingLastPathComponent().appending(path: name) }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }
}

/// The lines of a pipe, as they come.
private struct Lines: Sequence, IteratorProtocol {
  private let handle: FileHandle
  private var rest: [UInt8] = []

  init(_ handle: FileHandle) {
    self.handle = handle
  }

  mutating func next() -> String? {
    while true {
      if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: rest[..<end], as: UTF8.self)
        rest.removeSubrange(...end)
        return line
      }
      let more = handle.availableData
      if more.isEmpty { return nil }
      rest += more
    }
  }
}
