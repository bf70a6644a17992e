import Database
import DatabaseSQLite
import Foundation
import TestKit
import Testing

@Suite("SQLite in a file")
struct SQLiteFileTests {
  @Test("a commit is on disk: full synchronisation, a write-ahead log, foreign keys")
  func durabilitySettings() async throws {
    try await withFreshDatabase { database in
      let (synchronous, journal, foreignKeys) = try await database.write { transaction in
        (
          try transaction.first("PRAGMA synchronous")?.get("synchronous", as: Int.self),
          try transaction.first("PRAGMA journal_mode")?.get("journal_mode", as: String.self),
          try transaction.first("PRAGMA foreign_keys")?.get("foreign_keys", as: Int.self)
        )
      }
      #expect(synchronous == 2)
      #expect(journal == "wal")
      #expect(foreignKeys == 1)
    }
  }

  @Test("the settings last beyond the first transactions")
  func settingsLast() async throws {
    try await withFreshDatabase { database in
      for _ in 0..<3 { _ = try await database.write { try $0.query("SELECT 1 AS one") } }
      _ = try? await database.write { try $0.execute("SELEC") }
      let synchronous = try await database.write {
        try $0.first("PRAGMA synchronous")?.get("synchronous", as: Int.self)
      }
      #expect(synchronous == 2)
    }
  }

  @Test("two programs write to one file and lose nothing")
  func twoWriters() async throws {
    try await TemporaryFolder.with { folder in
      let path = folder.path("shared.sqlite")
      let databases = [try SQLiteDatabase(path: path), try SQLiteDatabase(path: path)]
      try await databases[0].write { transaction in
        _ = try transaction.execute("CREATE TABLE counters (id INTEGER PRIMARY KEY, n INTEGER NOT NULL) STRICT")
        _ = try transaction.execute("INSERT INTO counters (id, n) VALUES (1, 0)")
      }
      try await withThrowingTaskGroup(of: Int.self) { group in
        for database in databases {
          for _ in 0..<50 {
            group.addTask {
              try await database.write { transaction in
                // Read, then write: an immediate transaction lets nobody in between.
                let n = try #require(try transaction.first("SELECT n FROM counters")).get("n", as: Int.self)
                return try transaction.execute("UPDATE counters SET n = \(n + 1) WHERE id = 1")
              }
            }
          }
        }
        try await group.waitForAll()
      }
      for database in databases {
        #expect(try await database.read { try $0.first("SELECT n FROM counters")?.get("n", as: Int.self) } == 100)
      }
    }
  }

  @Test("programs that start at once open a new file together")
  func openedTogether() async throws {
    for _ in 0..<30 {
      try await TemporaryFolder.with { folder in
        let path = folder.path("new.sqlite")
        let names = try await withThrowingTaskGroup { group in
          for _ in 0..<8 {
            group.addTask { try await Self.migrator.migrate(try SQLiteDatabase(path: path), at: ManualClock().now()) }
          }
          var names: [String] = []
          for try await applied in group { names += applied }
          return names
        }
        #expect(names == ["0001_things"])
      }
    }
  }

  @Test("what was committed is there when the file is opened again")
  func reopened() async throws {
    try await TemporaryFolder.with { folder in
      let path = folder.path("kept/in/folders/made.sqlite")
      do {
        let database = try SQLiteDatabase(path: path)
        try await Self.migrator.migrate(database, at: ManualClock().now())
        _ = try await database.write { try $0.execute("INSERT INTO things (id) VALUES (\(7))") }
      }
      let found = try await SQLiteDatabase(path: path).read { try $0.query("SELECT id FROM things").count }
      #expect(found == 1)
    }
  }

  @Test("a folder and a file of something else cannot be opened")
  func unusableFiles() throws {
    let folder = try TemporaryFolder()
    let garbage = folder.path("garbage.sqlite")
    try Data(repeating: 0x5A, count: 8_192).write(to: URL(filePath: garbage))
    let short = folder.path("short.sqlite")
    try Data("hello".utf8).write(to: URL(filePath: short))
    for path in [folder.url.path, garbage, short, garbage + "/inside.sqlite"] {
      let error = #expect(throws: DatabaseError.self) { try SQLiteDatabase(path: path) }
      guard case .unavailable(let detail) = error else {
        Issue.record("\(path): \(String(describing: error))")
        continue
      }
      #expect(detail.contains(path), "the text says which file")
    }
    #expect(try Data(contentsOf: URL(filePath: short)) == Data("hello".utf8), "a foreign file is left as it was")
  }

  @Test("a value that a strict column cannot hold is refused")
  func strictTables() async throws {
    try await withFreshDatabase { database in
      try await Self.migrator.migrate(database, at: ManualClock().now())
      let error = await #expect(throws: DatabaseError.self) {
        _ = try await database.write { try $0.execute("INSERT INTO things (id) VALUES (\("seven"))") }
      }
      guard case .checkViolation = error else {
        Issue.record("\(String(describing: error))")
        return
      }
    }
  }

  private static let migrator = Migrator([
    Migration("0001_things") { dialect in
      ["CREATE TABLE things (id \(type: .integer) NOT NULL)\(dialect.tableSuffix)"]
    }
  ])
}
