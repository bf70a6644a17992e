import Storage
import StorageSQLite
import Synchronization
import TestKit
import Testing
import Values

/// Writes that share transactions.
struct GroupCommitTests {
  private struct Refused: Error, Equatable {
    let number: Int
  }

  /// Gives `body` a group commit that inserts numbers, refuses those under 0, and counts its transactions.
  private static func with(
    batchLimit: Int = 64, waitingLimit: Int = 10_000,
    _ body: (GroupCommit<Int, Int>, any Database, _ transactions: Counter) async throws -> Void
  ) async throws {
    try await TemporaryFolder.with { folder in
      let database = try SQLiteDatabase(path: folder.path("data.sqlite"))
      _ = try await database.write { try $0.execute("CREATE TABLE numbers (number \(type: .integer) NOT NULL)") }
      let transactions = Counter()
      let commits = GroupCommit<Int, Int>(database: database, batchLimit: batchLimit, waitingLimit: waitingLimit) {
        numbers, transaction in
        transactions.count()
        return try numbers.map { number in
          if number < 0 { throw Refused(number: number) }
          try transaction.execute("INSERT INTO numbers (number) VALUES (\(number))")
          return number * 2
        }
      }
      try await body(commits, database, transactions)
    }
  }

  private final class Counter: Sendable {
    private let value = Mutex(0)
    var total: Int { value.withLock { $0 } }
    func count() { value.withLock { $0 += 1 } }
  }

  private static func numbers(_ database: any Database) async throws -> [Int] {
    try await database.read { try $0.query("SELECT number FROM numbers ORDER BY number").map { try $0.get("number") } }
  }

  @Test("Each of many writers gets its own outcome, all in far fewer transactions")
  func shared() async throws {
    try await Self.with { commits, database, transactions in
      let outcomes = try await withThrowingTaskGroup(of: (Int, Int).self) { group in
        for number in 0..<500 { group.addTask { (number, try await commits.submit(number)) } }
        return try await group.reduce(into: [Int: Int]()) { $0[$1.0] = $1.1 }
      }
      #expect(outcomes == Dictionary(uniqueKeysWithValues: (0..<500).map { ($0, $0 * 2) }))
      #expect(try await Self.numbers(database) == Array(0..<500))
      #expect(transactions.total >= 500 / 64)
      #expect(transactions.total <= 500)
    }
  }

  @Test("One that fails fails alone")
  func failing() async throws {
    try await Self.with { commits, database, _ in
      let failed = try await withThrowingTaskGroup(of: Int?.self) { group in
        for number in -20..<100 {
          group.addTask {
            do {
              _ = try await commits.submit(number)
              return nil
            } catch let refused as Refused {
              return refused.number
            }
          }
        }
        return try await group.reduce(into: [Int]()) { if let number = $1 { $0.append(number) } }
      }
      #expect(failed.sorted() == Array(-20..<0))
      #expect(try await Self.numbers(database) == Array(0..<100))
    }
  }

  /// A database that does not answer, once it is told to say so.
  private final class SilentDatabase: Database {
    private let writes = Counter()
    private let (silence, end) = AsyncStream<Void>.makeStream()

    var dialect: Dialect { .sqlite }
    var attempts: Int { writes.total }

    func giveUp() { end.finish() }

    func read<Result: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Result) async throws -> Result {
      throw DatabaseError.unavailable("test")
    }

    func write<Result: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Result) async throws -> Result
    {
      writes.count()
      for await _ in silence {}
      throw DatabaseError.unavailable("test")
    }
  }

  @Test("Where the database does not answer, all that share a transaction fail with it, none tried alone")
  func unavailable() async throws {
    let database = SilentDatabase()
    let waitingLimit = 9
    let commits = GroupCommit<Int, Int>(database: database, batchLimit: 64, waitingLimit: waitingLimit) { numbers, _ in
      numbers
    }
    let first = Task { try await commits.submit(0) }
    while database.attempts == 0 { await Task.yield() }
    await withTaskGroup(of: (any Sendable).self) { group in
      for number in 0...waitingLimit {
        group.addTask {
          do {
            return try await commits.submit(number)
          } catch {
            return error
          }
        }
      }
      // One too many is refused at once: then the others wait.
      #expect(await group.next() is GroupCommitOverload)
      database.giveUp()
      for await outcome in group { #expect(outcome as? DatabaseError == .unavailable("test")) }
    }
    await #expect(throws: DatabaseError.unavailable("test")) { try await first.value }
    #expect(database.attempts == 2)
  }

  @Test("Where too many wait, the next is refused and nothing of it is done")
  func overload() async throws {
    try await Self.with(waitingLimit: 0) { commits, database, _ in
      await #expect(throws: GroupCommitOverload(waiting: 0)) { try await commits.submit(1) }
      let kept = try await Self.numbers(database)
      #expect(kept.isEmpty)
    }
  }

  @Test("A caller that is cancelled still has its item done")
  func cancelled() async throws {
    try await Self.with { commits, database, _ in
      let task = Task { try await commits.submit(7) }
      task.cancel()
      let outcome = try await task.value
      let kept = try await Self.numbers(database)
      #expect(outcome == 14)
      #expect(kept == [7])
    }
  }
}
