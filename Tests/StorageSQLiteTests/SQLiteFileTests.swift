import Foundation
import Storage
import TestKit
import Testing

@testable import StorageSQLite

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
      let databases = try (0..<2).map { _ in try SQLiteDatabase(path: path, secondsToWrite: 600) }
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

  private func permissions(_ path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
  }

  @Test("A file and its folder are made for their owner alone, with the files that SQLite puts beside it")
  func permissions() async throws {
    try await TemporaryFolder.with { folder in
      let path = folder.path("new/folder/data.sqlite")
      let database = try SQLiteDatabase(path: path)
      try await Self.migrator.migrate(database, at: ManualClock().now())
      for name in ["data.sqlite", "data.sqlite-wal", "data.sqlite-shm"] {
        #expect(try permissions(folder.path("new/folder/\(name)")) == 0o600, "\(name)")
      }
      #expect(try permissions(folder.path("new")) == 0o700)
      #expect(try permissions(folder.path("new/folder")) == 0o700)
    }
  }

  @Test("A file that does not exist is not made by who only wants to open it")
  func notMade() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("mistyped/data.sqlite")
    #expect(!SQLiteDatabase.exists(at: path))
    #expect(throws: DatabaseError.unavailable("there is no file \(path)")) {
      try SQLiteDatabase(path: path, isMade: false)
    }
    #expect(!FileManager.default.fileExists(atPath: folder.path("mistyped")))
  }

  private func isUnwritable(_ database: SQLiteDatabase, _ statements: SQL...) async -> Bool {
    do {
      try await database.write { transaction in
        for statement in statements { _ = try transaction.query(statement) }
      }
      return false
    } catch DatabaseError.unwritable {
      return true
    } catch {
      return false
    }
  }

  @Test("A full disk and a read-only file are told apart from faults, and writes work again once there is room")
  func unwritable() async throws {
    try await withFreshDatabase { database in
      try await Self.migrator.migrate(database, at: ManualClock().now())
      let filling: SQL = """
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
        INSERT INTO things (id) SELECT i FROM n
        """
      _ = try await database.write { try $0.query("PRAGMA max_page_count = 20") }
      #expect(await isUnwritable(database, filling))
      _ = try await database.write { try $0.query("PRAGMA max_page_count = 1000000") }
      _ = try await database.write { try $0.execute("INSERT INTO things (id) VALUES (1)") }
      #expect(try await database.read { try $0.query("SELECT id FROM things").count } == 1)
      #expect(await isUnwritable(database, "PRAGMA query_only = ON", "INSERT INTO things (id) VALUES (1)"))
      #expect(await isUnwritable(database, "INSERT INTO things (id) VALUES (1)"))
    }
  }

  @Test("A disk with too little room, and a file that is gone, are found without writing")
  func checkWritable() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("data.sqlite")
    #expect(throws: DatabaseError.unavailable("\(path): No such file or directory")) {
      try SQLiteFile(path: path).checkWritable()
    }
    try SQLiteFile(path: path).make()
    try SQLiteFile(path: path).checkWritable()
    let error = #expect(throws: DatabaseError.self) {
      try SQLiteFile(path: path, leastFreeBytes: .max).checkWritable()
    }
    guard case .unwritable(let detail) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(detail.hasPrefix("\(path): its disk has "))
  }

  @Test("Bytes are not taken for text")
  func blobs() async throws {
    try await withFreshDatabase { database in
      let row = try await database.read { try #require(try $0.first("SELECT x'ff00' AS bytes")) }
      #expect(try row.get("bytes", as: [UInt8].self) == [0xFF, 0])
      #expect(throws: DatabaseError.unreadableColumn("bytes")) { try row.get("bytes", as: String.self) }
    }
  }

  @Test("Foreign keys are checked beside a rebuild and after it, whether it fails or not", arguments: [false, true])
  func foreignKeysAfterRebuild(fails: Bool) async throws {
    struct Broken: Error {}
    try await withFreshDatabase { database in
      try await database.write { transaction in
        try transaction.execute("CREATE TABLE parents (id INTEGER PRIMARY KEY) STRICT")
        try transaction.execute("CREATE TABLE children (parent INTEGER NOT NULL REFERENCES parents (id)) STRICT")
        try transaction.execute("INSERT INTO parents (id) VALUES (1)")
        try transaction.execute("INSERT INTO children (parent) VALUES (1)")
      }
      let rebuilt: Bool? = try? await database.changeSchema(.rebuild) { transaction in
        try transaction.execute("CREATE TABLE parents_new (id INTEGER PRIMARY KEY, name TEXT) STRICT")
        try transaction.execute("INSERT INTO parents_new (id) SELECT id FROM parents")
        try transaction.execute("DROP TABLE parents")
        if fails { throw Broken() }
        try transaction.execute("ALTER TABLE parents_new RENAME TO parents")
        return true
      }
      #expect(rebuilt == (fails ? nil : true))
      await #expect(throws: DatabaseError.foreignKeyViolation("FOREIGN KEY constraint failed")) {
        try await database.write { try $0.execute("INSERT INTO children (parent) VALUES (2)") }
      }
      #expect(try await database.write { try $0.execute("INSERT INTO children (parent) VALUES (1)") } == 1)
    }
  }

  @Test("A copy is whole, for its owner alone, and a database by itself, while others write")
  func backup() async throws {
    try await TemporaryFolder.with { folder in
      let (path, copy) = (folder.path("data.sqlite"), folder.path("copy.sqlite"))
      let database = try SQLiteDatabase(path: path)
      try await Self.migrator.migrate(database, at: ManualClock().now())
      _ = try await database.write { try $0.execute("INSERT INTO things (id) VALUES (7)") }
      try await database.write { transaction in
        _ = try transaction.execute("INSERT INTO things (id) VALUES (8)")
        try SQLiteBackup(of: path).write(to: copy)
      }
      #expect(try permissions(copy) == 0o600)
      #expect(!FileManager.default.fileExists(atPath: copy + ".part"))
      let ids = try await SQLiteDatabase(path: copy).read { transaction in
        try transaction.query("SELECT id FROM things").map { try $0.get("id", as: Int.self) }
      }
      #expect(ids == [7], "what had been committed")
      #expect(throws: DatabaseError.unwritable("\(copy) exists already; name another file")) {
        try SQLiteBackup(of: path).write(to: copy)
      }
    }
  }

  private static let migrator = Migrator([
    Migration("0001_things") { dialect in
      ["CREATE TABLE things (id \(type: .integer) NOT NULL)\(dialect.tableSuffix)"]
    }
  ])
}
