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
}
