import Storage
import StorageSQLite
import TestKit
import Testing

@Suite("SQLite keeps the promises of Database")
struct SQLiteConformanceTests {
  @Test(arguments: DatabaseConformance.cases + DatabaseConformance.vectors)
  func conforms(_ check: DatabaseConformanceCase) async throws {
    try await withFreshDatabase { try await check.run($0) }
  }
}

/// Gives `body` an empty database in a file of its own.
func withFreshDatabase(_ body: (SQLiteDatabase) async throws -> Void) async throws {
  try await TemporaryFolder.with { folder in
    try await body(try SQLiteDatabase(path: folder.path("test.sqlite"), secondsToWrite: 600))
  }
}
