import App
import AppTestKit
import Database
import DecisionEngine
import Features
import Foundation
import Glibc
import TestKit
import Testing
import Values

/// Imports that begin anew because another write came in between.
struct RerunTests {
  private static let text = "ad_id,date,impressions,clicks,spend\n1,2026-05-01,100,10,5\n"

  private func service(on test: TestSystem) -> ImportService {
    let clock = { @Sendable in test.clock.now() }
    let database = InterruptedDatabase(base: test.system.database)
    return ImportService(
      clock: clock,
      accounts: AccountService(database: database, clock: clock, audit: AuditService(database: database, clock: clock)),
      ads: test.system.ads, deals: DealService(clock: clock))
  }

  @Test("A file is read again, and its report is that of one import")
  func file() async throws {
    let test = try await TestSystem()
    let path = try test.file("file.csv", Self.text.utf8)
    let report = try await service(on: test).importFile(path, as: .adsCSV, into: test.account, ImportOptions()) { _ in }
    #expect(report.rows == 1)
    #expect(report.impressions == 100)
    #expect(try await test.states()["1"]?.impressions == 100)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM imports") == 1)
  }

  @Test("What came through a pipe is gone: the import is refused, and changes nothing")
  func pipe() async throws {
    let test = try await TestSystem()
    let path = test.path("pipe.csv")
    try #require(mkfifo(path, 0o600) == 0)
    let before = try await test.dump()
    // Both ends at once, or opening would wait for the other; closed before the reading, so that it ends.
    let reader = open(path, O_RDONLY | O_NONBLOCK)
    let writer = FileHandle(fileDescriptor: open(path, O_WRONLY), closeOnDealloc: true)
    try writer.write(contentsOf: Data(Self.text.utf8))
    let error = await #expect(throws: ImportError.self) {
      _ = try await service(on: test).importFile(path, as: .adsCSV, into: test.account, ImportOptions()) { progress in
        if progress.bytesRead == Self.text.utf8.count { try? writer.close() }
      }
    }
    close(reader)
    #expect(error?.fileRule?.contains("can be read only once") == true, "\(String(describing: error))")
    #expect(try await test.dump() == before)
  }
}

/// A database in which every write is taken back once and run again, as when another one got in its way.
private struct InterruptedDatabase: Database {
  let base: any Database

  private struct InTheWay: Error {}

  var dialect: Dialect { base.dialect }

  func read<Result: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result {
    try await base.read(body)
  }

  func write<Result: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result {
    do {
      try await base.write { transaction in
        _ = try body(transaction)
        throw InTheWay()
      }
    } catch is InTheWay {}
    return try await base.write(body)
  }
}
