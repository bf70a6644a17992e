import Storage
import Testing
import Values

extension DatabaseConformance {
  /// The schema's steps.
  static let migrations = [
    DatabaseConformanceCase("steps are applied in order, once") { database in
      let migrator = Migrator([first, second])
      #expect(try await migrator.migrate(database, at: noon) == ["0001_first", "0002_second"])
      try await database.write { transaction in
        _ = try transaction.execute("INSERT INTO firsts (id, name) VALUES (\(1), \("kept"))")
      }
      #expect(try await migrator.migrate(database, at: noon.adding(seconds: 60)) == [])
      let (names, steps) = try await database.read { transaction in
        (
          try transaction.query("SELECT name FROM firsts").map { try $0.get("name", as: String.self) },
          try transaction.query("SELECT id, applied_at FROM schema_migrations ORDER BY id").map {
            Step(id: try $0.get("id"), appliedAt: try $0.get("applied_at"))
          }
        )
      }
      #expect(names == ["kept"])
      #expect(steps == [Step(id: "0001_first", appliedAt: noon), Step(id: "0002_second", appliedAt: noon)])
    },
    DatabaseConformanceCase("a later release adds its steps") { database in
      try await Migrator([first]).migrate(database, at: noon)
      #expect(try await Migrator([first, second]).migrate(database, at: noon) == ["0002_second"])
    },
    DatabaseConformanceCase("no steps") { database async throws in
      #expect(try await Migrator([]).migrate(database, at: noon) == [])
    },
    DatabaseConformanceCase("a step of a newer release is refused") { database in
      try await Migrator([first, second]).migrate(database, at: noon)
      #expect(await FailureKind.awaiting { try await Migrator([first, third]).migrate(database, at: noon) } == .schema)
      #expect(try await applied(on: database) == ["0001_first", "0002_second"])
    },
    DatabaseConformanceCase("a step that was altered is refused") { database in
      try await Migrator([first]).migrate(database, at: noon)
      let altered = Migration("0001_first") { dialect in
        ["CREATE TABLE firsts (id \(type: .integer) PRIMARY KEY, title \(type: .text))\(dialect.tableSuffix)"]
      }
      #expect(
        await FailureKind.awaiting { try await Migrator([altered, second]).migrate(database, at: noon) } == .schema)
      #expect(try await applied(on: database) == ["0001_first"])
    },
    DatabaseConformanceCase("a step that fails takes back all that were applied with it") { database in
      let broken = Migration("0003_third") { _ in
        ["INSERT INTO firsts (id, name) VALUES (1, 'one')", "INSERT INTO absent (id) VALUES (1)"]
      }
      try await Migrator([first]).migrate(database, at: noon)
      let kind = await FailureKind.awaiting { try await Migrator([first, second, broken]).migrate(database, at: noon) }
      #expect(kind == .failed)
      #expect(try await applied(on: database) == ["0001_first"])
      #expect(try await database.read { try count("firsts", in: $0) } == 0)
      let absent = await FailureKind.awaiting { _ = try await database.read { try count("seconds", in: $0) } }
      #expect(absent == .failed)
      #expect(
        try await Migrator([first, second, third]).migrate(database, at: noon) == ["0002_second", "0003_third"])
    },
    DatabaseConformanceCase("a first step that fails leaves an empty database") { database async throws in
      let broken = Migration("0001_first") { _ in ["CREATE TABLE", "CREATE TABLE"] }
      #expect(await FailureKind.awaiting { try await Migrator([broken]).migrate(database, at: noon) } == .failed)
      #expect(try await Migrator([first]).migrate(database, at: noon) == ["0001_first"])
    },
    DatabaseConformanceCase("processes that start at once apply each step once") { database in
      let all = try await withThrowingTaskGroup { group in
        for _ in 0..<8 {
          group.addTask { try await Migrator([first, second, third]).migrate(database, at: noon) }
        }
        var all: [String] = []
        for try await names in group { all += names }
        return all
      }
      #expect(all == ["0001_first", "0002_second", "0003_third"])
    },
    DatabaseConformanceCase("a step in Swift is applied once, and known by its stated version") { database in
      func shouting(_ version: String) -> Migration {
        Migration("0002_shouting", version: version) { transaction in
          for row in try transaction.query("SELECT id, name FROM firsts ORDER BY id") {
            let name = try row.get("name", as: String.self).uppercased()
            try transaction.execute("UPDATE firsts SET name = \(name) WHERE id = \(try row.get("id", as: Int.self))")
          }
        }
      }
      try await Migrator([first]).migrate(database, at: noon)
      _ = try await database.write { try $0.execute("INSERT INTO firsts (id, name) VALUES (1, 'é')") }
      let migrator = Migrator([first, shouting("names in capitals, 1")])
      #expect(try await migrator.migrate(database, at: noon) == ["0002_shouting"])
      #expect(try await migrator.migrate(database, at: noon) == [])
      let name = try await database.read { try $0.first("SELECT name FROM firsts")?.get("name", as: String.self) }
      #expect(name == "É")
      let other = Migrator([first, shouting("names in capitals, 2")])
      #expect(await FailureKind.awaiting { try await other.migrate(database, at: noon) } == .schema)
    },
    DatabaseConformanceCase("a step in Swift that fails takes back what it did") { database async throws in
      let broken = Migration("0002_broken", version: "1") { transaction in
        try transaction.execute("INSERT INTO firsts (id, name) VALUES (1, 'one')")
        throw OwnError(number: 3)
      }
      await #expect(throws: OwnError(number: 3)) {
        try await Migrator([first, broken]).migrate(database, at: noon)
      }
      #expect(try await Migrator([first]).migrate(database, at: noon) == ["0001_first"])
    },
    DatabaseConformanceCase("a table is rebuilt, and the rows that refer to it stay") { database in
      try await Migrator([first, second]).migrate(database, at: noon)
      try await database.write { transaction in
        try transaction.execute("INSERT INTO firsts (id, name) VALUES (1, 'one'), (2, 'two')")
        try transaction.execute("INSERT INTO seconds (id) VALUES (1), (2)")
      }
      #expect(
        try await Migrator([first, second, third, rebuilt(keeping: 2)]).migrate(database, at: noon)
          == ["0003_third", "0004_rebuilt"])
      #expect(try await database.read { try count("firsts", in: $0) } == 2)
      #expect(try await database.read { try count("seconds", in: $0) } == 2)
      let dangling = await FailureKind.awaiting {
        _ = try await database.write { try $0.execute("INSERT INTO seconds (id) VALUES (3)") }
      }
      #expect(dangling == .foreignKey, "references are checked again")
    },
    DatabaseConformanceCase("a rebuilt table that leaves references without their row is taken back") { database in
      try await Migrator([first, second]).migrate(database, at: noon)
      try await database.write { transaction in
        try transaction.execute("INSERT INTO firsts (id, name) VALUES (1, 'one'), (2, 'two')")
        try transaction.execute("INSERT INTO seconds (id) VALUES (1), (2)")
      }
      let migrator = Migrator([first, second, rebuilt(keeping: 1)])
      #expect(await FailureKind.awaiting { try await migrator.migrate(database, at: noon) } == .foreignKey)
      #expect(try await applied(on: database) == ["0001_first", "0002_second"])
      #expect(try await database.read { try count("firsts", in: $0) } == 2)
    },
    DatabaseConformanceCase(
      "a step outside of a transaction is committed by itself and can be run again", needsSession: true
    ) {
      database async throws in
      let indexes = Migration("0003_index", .outsideTransaction) { dialect in
        let way: SQL = dialect == .postgresql ? " CONCURRENTLY" : ""
        return [
          "DROP INDEX\(way) IF EXISTS firsts_by_name", "CREATE INDEX\(way) firsts_by_name ON firsts (name, noted_at)",
        ]
      }
      let interrupted = Migration("0003_index", .outsideTransaction) { dialect in
        let way: SQL = dialect == .postgresql ? " CONCURRENTLY" : ""
        return ["CREATE INDEX\(way) firsts_by_name ON firsts (name)", "DROP TABLE absent"]
      }
      let broken = Migration("0004_broken") { _ in ["DROP TABLE absent"] }
      #expect(
        await FailureKind.awaiting { try await Migrator([first, second, interrupted]).migrate(database, at: noon) }
          == .failed)
      #expect(try await applied(on: database) == ["0001_first", "0002_second"])
      #expect(
        await FailureKind.awaiting { try await Migrator([first, second, indexes, broken]).migrate(database, at: noon) }
          == .failed)
      #expect(try await applied(on: database) == ["0001_first", "0002_second", "0003_index"], "it was committed")
      #expect(try await Migrator([first, second, indexes]).migrate(database, at: noon) == [])
    },
    DatabaseConformanceCase(
      "processes that start at once apply each step outside of a transaction once", needsSession: true
    ) { database in
      let index = Migration("0003_third", .outsideTransaction) { dialect in
        dialect == .postgresql
          ? ["CREATE INDEX CONCURRENTLY firsts_by_name ON firsts (name)"]
          : ["CREATE INDEX firsts_by_name ON firsts (name)"]
      }
      let all = try await withThrowingTaskGroup { group in
        for _ in 0..<4 {
          group.addTask { try await Migrator([first, second, index]).migrate(database, at: noon) }
        }
        var all: [String] = []
        for try await names in group { all += names }
        return all
      }
      #expect(all.sorted() == ["0001_first", "0002_second", "0003_third"])
    },
  ]

  /// Makes `firsts` anew with the rows up to an id, in the way that each database needs.
  private static func rebuilt(keeping last: Int) -> Migration {
    Migration("0004_rebuilt", .rebuild) { dialect in
      switch dialect {
      case .sqlite:
        [
          "CREATE TABLE firsts_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL, noted_at INTEGER) STRICT",
          "INSERT INTO firsts_new SELECT id, name, noted_at FROM firsts WHERE id <= \(SQL(stringLiteral: "\(last)"))",
          "DROP TABLE firsts", "ALTER TABLE firsts_new RENAME TO firsts",
        ]
      case .postgresql:
        [
          "DELETE FROM firsts WHERE id > \(SQL(stringLiteral: "\(last)"))",
          "ALTER TABLE firsts ALTER COLUMN name SET NOT NULL",
        ]
      }
    }
  }

  private static let noon = Instant(seconds: 1_780_000_000)

  private static let first = Migration("0001_first") { dialect in
    ["CREATE TABLE firsts (id \(type: .integer) PRIMARY KEY, name \(type: .text))\(dialect.tableSuffix)"]
  }

  private static let second = Migration("0002_second") { dialect in
    [
      "CREATE TABLE seconds (id \(type: .integer) PRIMARY KEY REFERENCES firsts (id))\(dialect.tableSuffix)",
      "ALTER TABLE firsts ADD COLUMN noted_at \(type: .instant)",
    ]
  }

  private static let third = Migration("0003_third") { _ in ["CREATE INDEX firsts_by_name ON firsts (name, noted_at)"] }

  private static func applied(on database: any Database) async throws -> [String] {
    try await database.read { transaction in
      try transaction.query("SELECT id FROM schema_migrations ORDER BY id").map { try $0.get("id") }
    }
  }
}

/// A row of `schema_migrations`.
private struct Step: Equatable, Sendable {
  let id: String
  let appliedAt: Instant
}
