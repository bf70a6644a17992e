import Database
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
  ]

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
