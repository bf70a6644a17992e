import Accounts
import App
import AppTestKit
import DecisionEngine
import Foundation
import Glibc
import Measurement
import Storage
import Synchronization
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

  @Test("What comes through a pipe is read before the transaction begins, and again where that begins anew")
  func pipe() async throws {
    let test = try await TestSystem()
    let path = test.path("pipe.csv")
    try #require(mkfifo(path, 0o600) == 0)
    // Both ends at once, or opening would wait for the other; closed when all has been read, so that it ends.
    let reader = open(path, O_RDONLY | O_NONBLOCK)
    let writer = FileHandle(fileDescriptor: open(path, O_WRONLY), closeOnDealloc: true)
    try writer.write(contentsOf: Data(Self.text.utf8))
    let totals = Mutex<[Int64?]>([])
    let report = try await service(on: test).importFile(
      path, as: .adsCSV, into: test.account, ImportOptions()
    ) { progress in
      totals.withLock { $0.append(progress.totalBytes) }
      #expect(progress.file == path)
      if progress.totalBytes == nil, progress.bytesRead == Self.text.utf8.count { try? writer.close() }
    }
    close(reader)
    #expect(report.file == path)
    #expect(report.rows == 1)
    #expect(try await test.states()["1"]?.impressions == 100)
    let size = Int64(Self.text.utf8.count)
    #expect(totals.withLock { $0 } == [nil, size, size], "one reading from the pipe, two of what it gave")
  }

  @Test("What is wrong with what came through a pipe names the pipe, its line and the rule")
  func badPipe() async throws {
    let test = try await TestSystem()
    let path = test.path("pipe.csv")
    try #require(mkfifo(path, 0o600) == 0)
    for text in ["ad_id,date,impressions,clicks,spend\n1,2026-05-01,1,x,5\n", "ad_id\n\"1\n"] {
      let reader = open(path, O_RDONLY | O_NONBLOCK)
      let writer = FileHandle(fileDescriptor: open(path, O_WRONLY), closeOnDealloc: true)
      try writer.write(contentsOf: Data(text.utf8))
      let error = await #expect(throws: ImportError.self) {
        _ = try await test.system.imports.importFile(path, as: .adsCSV, into: test.account, ImportOptions()) {
          if $0.totalBytes == nil, $0.bytesRead == text.utf8.count { try? writer.close() }
        }
      }
      close(reader)
      #expect(error?.description.hasPrefix(path + ":") == true, "\(String(describing: error))")
    }
  }

  @Test("Refused rows of an import whose commit fails are nowhere to be found, those of one that is done are")
  func rejects() async throws {
    let test = try await TestSystem()
    let text = Self.text + "2,2026-05-01,1,x,5\n"
    let path = try test.file("file.csv", text.utf8)
    var options = ImportOptions()
    options.skipsBadRows = true
    let clock = { @Sendable in test.clock.now() }
    let database = UncommittedDatabase(base: test.system.database)
    let failing = ImportService(
      clock: clock,
      accounts: AccountService(database: database, clock: clock, audit: AuditService(database: database, clock: clock)),
      ads: test.system.ads, deals: DealService(clock: clock))
    let folder = URL(filePath: path).deletingLastPathComponent().path
    func files() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix("file.csv") }.sorted()
    }
    await #expect(throws: DatabaseError.self) {
      _ = try await failing.importFile(path, as: .adsCSV, into: test.account, options) { _ in }
    }
    #expect(try files() == ["file.csv"])
    let report = try await service(on: test).importFile(path, as: .adsCSV, into: test.account, options) { _ in }
    #expect(report.rejects == path + ".rejects.csv")
    #expect(try files() == ["file.csv", "file.csv.rejects.csv"])
    let permissions = try FileManager.default.attributesOfItem(atPath: path + ".rejects.csv")[.posixPermissions]
    #expect(permissions as? Int == 0o600)
  }
}

/// A database whose writes fail as they are committed.
private struct UncommittedDatabase: Database {
  let base: any Database

  var dialect: Dialect { base.dialect }

  func read<Result: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result {
    try await base.read(body)
  }

  func write<Result: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result {
    try await base.write { transaction in
      _ = try body(transaction)
      throw DatabaseError.unavailable("the connection broke during a commit")
    }
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
