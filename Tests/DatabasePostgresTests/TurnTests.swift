import Database
import Synchronization
import Testing

@testable import DatabasePostgres

/// Writes that wait for each other, in one process and across processes.
@Suite("Writes in turn", .timeLimit(.minutes(5)))
struct TurnTests {
  @Test("Tasks go on one at a time for each key, in the order in which they asked, and other keys do not wait")
  func order() async throws {
    let turns = Turns()
    let log = Log()
    let (held, release) = AsyncStream.makeStream(of: Void.self)
    let first = Task { try await turns.withTurn(of: "a") { for await _ in held {} } }
    while turns.waiting(for: "a") == nil { await Task.yield() }
    var tasks: [Task<Void, any Error>] = []
    for number in 1...3 {
      tasks.append(Task { try await turns.withTurn(of: "a") { log.add(number) } })
      while turns.waiting(for: "a") != number { await Task.yield() }
    }
    try await turns.withTurn(of: "b") { log.add(0) }
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
    let turns = Turns()
    let cancelled = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      try await turns.withTurn(of: "a") {}
    }
    await #expect(throws: CancellationError.self) { try await cancelled.value }
    await #expect(throws: DatabaseError.busy("no")) {
      try await turns.withTurn(of: "a") { throw DatabaseError.busy("no") }
    }
    #expect(try await turns.withTurn(of: "a") { 1 } == 1)
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
