import Storage
import Synchronization
import Testing
import Values

@testable import StoragePostgres

/// Writes that wait for each other, in one process and across processes.
@Suite("Writes in turn", .timeLimit(.minutes(5)))
struct TurnTests {
  @Test("Tasks go on one at a time for each key, in the order in which they asked, and other keys do not wait")
  func order() async throws {
    let turns = Turns(mostWaiting: 100, longestWait: .seconds(3_600))
    let log = Log()
    let (held, release) = AsyncStream.makeStream(of: Void.self)
    let first = Task { try await turns.withTurn(of: "a") { _ in for await _ in held {} } }
    while turns.waiting(for: "a") == nil { await Task.yield() }
    var tasks: [Task<Void, any Error>] = []
    for number in 1...3 {
      tasks.append(Task { try await turns.withTurn(of: "a") { _ in log.add(number) } })
      while turns.waiting(for: "a") != number { await Task.yield() }
    }
    try await turns.withTurn(of: "b") { _ in log.add(0) }
    tasks[1].cancel()
    await #expect(throws: CancellationError.self) { try await tasks[1].value }
    release.finish()
    try await first.value
    for task in [tasks[0], tasks[2]] { try await task.value }
    #expect(log.numbers == [0, 1, 3])
    #expect(turns.waiting(for: "a") == nil, "nothing is left of a turn that is over")
  }

  @Test("A cancelled task does not get a turn, and a body that fails gives its turn away")
  func endings() async throws {
    let turns = Turns(mostWaiting: 100, longestWait: .seconds(3_600))
    let cancelled = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      try await turns.withTurn(of: "a") { _ in }
    }
    await #expect(throws: CancellationError.self) { try await cancelled.value }
    await #expect(throws: DatabaseError.busy("no")) {
      try await turns.withTurn(of: "a") { _ in throw DatabaseError.busy("no") }
    }
    #expect(try await turns.withTurn(of: "a") { _ in 1 } == 1)
  }

  @Test("Who waits too long, and who comes where too many wait, is told that the database is busy")
  func bounds() async throws {
    let (passed, pass) = AsyncStream.makeStream(of: Void.self)
    let turns = Turns(mostWaiting: 1, longestWait: .seconds(10), sleep: { _ in for await _ in passed {} })
    let (held, release) = AsyncStream.makeStream(of: Void.self)
    let holder = Task { try await turns.withTurn(of: "a") { _ in for await _ in held {} } }
    while turns.waiting(for: "a") == nil { await Task.yield() }
    let late = Task { try await turns.withTurn(of: "a") { _ in Issue.record("it has no turn") } }
    while turns.waiting(for: "a") != 1 { await Task.yield() }
    await #expect(throws: DatabaseError.busy("1 writes wait for the one before them already")) {
      try await turns.withTurn(of: "a") { _ in }
    }
    pass.finish()
    await #expect(throws: DatabaseError.busy("the writes before this one went on for 10.0 seconds")) {
      try await late.value
    }
    #expect(turns.waiting(for: "a") == 0, "the one that has the turn keeps it")
    release.finish()
    try await holder.value
  }

  @Test("A turn tells how long it was waited for")
  func waited() async throws {
    let clock = Mutex<Int64>(0)
    let turns = Turns(
      mostWaiting: 1, longestWait: .seconds(10), now: { Instant(microseconds: clock.withLock { $0 }) })
    let (held, release) = AsyncStream.makeStream(of: Void.self)
    let holder = Task { try await turns.withTurn(of: "a") { _ in for await _ in held {} } }
    while turns.waiting(for: "a") == nil { await Task.yield() }
    let next = Task { try await turns.withTurn(of: "a") { $0 } }
    while turns.waiting(for: "a") != 1 { await Task.yield() }
    clock.withLock { $0 = 4_000_000 }
    release.finish()
    try await holder.value
    #expect(try await next.value == 4_000_000)
  }

  @Test("A write waits for the turn of another process no longer than for those of its own, all writes as long")
  func busyAcrossProcesses() async throws {
    var settings: PostgresSettings?
    try await TestServer.shared().withFreshDatabase(adjusting: {
      $0.secondsToTurn = 1
      $0.secondsToLock = 600
      settings = $0
    }) { database in
      let other = PostgresDatabase(try #require(settings))
      let (begun, begin) = AsyncStream.makeStream(of: Void.self)
      let holder = Task {
        try await other.write(inTurnOf: "a") { transaction in
          _ = try transaction.query("SELECT 1 AS one")
          begin.finish()
          _ = try transaction.query("SELECT pg_sleep(\(600.0))")
        }
      }
      for await _ in begun {}
      let failures = await withTaskGroup { group in
        for _ in 0..<5 {
          group.addTask {
            do {
              try await database.write(inTurnOf: "a") { _ = try $0.query("SELECT 1 AS one") }
              return false
            } catch DatabaseError.busy {
              return true
            } catch {
              return false
            }
          }
        }
        return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
      }
      #expect(failures == 5)
      let timeout = try await database.write(inTurnOf: "b") { transaction in
        try transaction.first("SELECT current_setting('lock_timeout') AS v")?.get("v", as: String.self)
      }
      #expect(timeout == "10min", "other locks are waited for as ever")
      holder.cancel()
      _ = await holder.result
      await other.shutDown()
    }
  }

  @Test("Two processes read, add and write in turn: nothing is lost, and nothing is run again")
  func acrossProcesses() async throws {
    var settings: PostgresSettings?
    try await TestServer.shared().withFreshDatabase(adjusting: { settings = $0 }) { database in
      try await makeCounter(on: database)
      let databases = [database, PostgresDatabase(try #require(settings))]
      let runs = Counter()
      try await withThrowingTaskGroup { group in
        for number in 0..<100 {
          group.addTask {
            try await databases[number % 2].write(inTurnOf: "counter") { transaction in
              runs.increment()
              let row = try #require(try transaction.first("SELECT n FROM counters WHERE id = \(1)"))
              let n: Int = try row.get("n")
              try transaction.execute("UPDATE counters SET n = \(n + 1) WHERE id = \(1)")
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(try await count(on: database) == 100)
      #expect(runs.value == 100)
      await databases[1].shutDown()
    }
  }

  private final class Log: Sendable {
    private let entries = Mutex<[Int]>([])

    var numbers: [Int] { entries.withLock { $0 } }

    func add(_ number: Int) { entries.withLock { $0.append(number) } }
  }
}
