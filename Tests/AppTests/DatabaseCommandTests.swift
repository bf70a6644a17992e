import App
import AppTestKit
import Foundation
import TestKit
import Testing

/// How commands make, find and copy a database in a file.
@Suite(.disabled(if: TestDatabase.isPostgres, "these are about files"))
struct DatabaseCommandTests {
  @Test(
    "A command on a path without a database says so, says what makes one, and makes none",
    arguments: [
      ["serve"], ["accounts", "list"], ["decide", "--account", "acme", "--budget", "5"],
    ])
  func mistyped(_ arguments: [String]) async throws {
    let program = try await Program()
    let outcome = try await program.run(arguments + ["--database", "sqlite:mistyped.sqlite"])
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("'sqlite:mistyped.sqlite': it does not exist"))
    #expect(outcome.errors.contains("geminivideo migrate --database sqlite:mistyped.sqlite"))
    #expect(!FileManager.default.fileExists(atPath: program.path("mistyped.sqlite")))
  }

  @Test("A command that is told to make the database does")
  func told() async throws {
    let program = try await Program()
    let list = try await program.output("accounts", "list", "--database", "sqlite:new.sqlite", "--create")
    #expect(list.split(separator: "\n").count == 2)
    #expect(FileManager.default.fileExists(atPath: program.path("new.sqlite")))
  }

  @Test("A copy that is put in the place of a lost database replays its decisions to the bit")
  func restored() async throws {
    let program = try await Program()
    try await program.addSample(to: DatabaseURL("sqlite:" + program.path("data.sqlite")).open())
    let decided = try await program.output(
      "decide", "--account", "sample", "--budget", "600", "--database", "sqlite:data.sqlite")
    let decision = try #require(decided.firstMatch(of: /geminivideo explain (\S+)/)?.1)
    let said = try await program.output("backup", "--to", "copy.sqlite", "--database", "sqlite:data.sqlite")
    #expect(said == "Copied data.sqlite to copy.sqlite.\n")
    let files = FileManager.default
    for name in ["data.sqlite", "data.sqlite-wal", "data.sqlite-shm"] {
      try? files.removeItem(atPath: program.path(name))
    }
    try files.moveItem(atPath: program.path("copy.sqlite"), toPath: program.path("data.sqlite"))
    let replay = try await program.run(["replay", String(decision), "--database", "sqlite:data.sqlite"])
    #expect(replay.status == 0, "\(replay.output)\(replay.errors)")
    let again = try await program.run(["backup", "--to", "data.sqlite", "--database", "sqlite:data.sqlite"])
    #expect(again.status == 1)
    #expect(again.errors.contains("exists already"))
  }
}
