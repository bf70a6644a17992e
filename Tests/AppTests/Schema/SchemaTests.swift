import AppTestKit
import Storage
import StorageSQLite
import TestKit
import Testing

/// The schema on SQLite beside the schema on PostgreSQL.
@Suite(.enabled(if: TestDatabase.isPostgres, "GEMINIVIDEO_TEST_DATABASE_URL names no server"))
struct SchemaTests {
  private struct Shapes {
    let sqlite: SchemaShape
    let postgres: SchemaShape
  }

  private func shapes() async throws -> Shapes {
    let test = try await TestDatabase(.system)
    let folder = try TemporaryFolder()
    let file = try SQLiteDatabase(path: folder.path("data.sqlite"))
    try await Migrator(TestSchema.system.migrations).migrate(file, at: ManualClock().now())
    return Shapes(
      sqlite: try await file.read { try SchemaShape(in: $0) },
      postgres: try await test.database.read { try SchemaShape(in: $0) })
  }

  @Test("Both have the same tables, columns, keys, references, indexes and rules")
  func sameShape() async throws {
    let shapes = try await shapes()
    #expect(shapes.sqlite.tables.count > 10)
    #expect(shapes.sqlite.tables.keys.sorted() == shapes.postgres.tables.keys.sorted())
    for (name, sqlite) in shapes.sqlite.tables {
      let postgres = try #require(shapes.postgres.tables[name])
      #expect(sqlite.columns.map(\.name) == postgres.columns.map(\.name), "\(name)")
      #expect(sqlite.columns.map(\.isRequired) == postgres.columns.map(\.isRequired), "\(name)")
      #expect(sqlite.key == postgres.key, "\(name)")
      #expect(sqlite.references == postgres.references, "\(name)")
      #expect(sqlite.indexes == postgres.indexes, "\(name)")
      #expect(sqlite.checkCount == postgres.checkCount, "\(name)")
    }
  }

  @Test("Each column has the type that is natural to its database")
  func naturalTypes() async throws {
    let shapes = try await shapes()
    let natural = [
      "INTEGER": ["bigint", "boolean", "numeric", "timestamp with time zone"], "REAL": ["double precision"],
      "TEXT": ["text", "date", "jsonb"], "BLOB": ["bytea", "USER-DEFINED"],
    ]
    for (name, sqlite) in shapes.sqlite.tables {
      for (column, other) in zip(sqlite.columns, shapes.postgres.tables[name]?.columns ?? []) {
        let types = try #require(natural[column.type], "\(name).\(column.name)")
        #expect(types.contains(other.type), "\(name).\(column.name)")
        if column.name.hasSuffix("_at") { #expect(other.type == "timestamp with time zone", "\(name).\(column.name)") }
        if ["date", "first_day", "last_day"].contains(column.name) { #expect(other.type == "date", "\(name)") }
        let amounts = ["spend", "amount", "cash_revenue", "pipeline_value", "total_budget", "aov"]
        if amounts.contains(column.name) { #expect(other.type == "numeric", "\(name).\(column.name)") }
      }
    }
  }

  @Test("What has been written on PostgreSQL is the text of decisions, not JSON of its own")
  func decisionsAreText() async throws {
    let columns = try await shapes().postgres.tables["decisions"]?.columns ?? []
    #expect(
      columns.filter { ["inputs", "configuration", "result"].contains($0.name) }.map(\.type) == [
        "text", "text", "text",
      ])
  }
}
