import Storage
import StoragePostgres
import TestKit
import Testing

@Suite("PostgreSQL keeps the promises of Database")
struct PostgresConformanceTests {
  @Test(arguments: DatabaseConformance.cases)
  func conforms(_ check: DatabaseConformanceCase) async throws {
    try await TestServer.shared().withFreshDatabase { try await check.run($0) }
  }

  @Test(arguments: DatabaseConformance.vectors)
  func holdsVectors(_ check: DatabaseConformanceCase) async throws {
    try await TestServer.shared().withOwnDatabase { try await check.run($0) }
  }
}
