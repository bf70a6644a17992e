import Storage
import StoragePostgres
import Synchronization
import Testing
import Values

@Suite("The clock of PostgreSQL's server")
struct ClockTests {
  @Test("Processes on machines whose clocks differ agree, and go on by their own running time")
  func server() async throws {
    try await TestServer.shared().withFreshDatabase { database in
      func serverTime() async throws -> Instant {
        try await database.read { transaction in
          let row = try transaction.first("SELECT clock_timestamp() AS now")
          return try #require(row).get("now")
        }
      }
      for wrong in [-3_600, 0, 3_600] as [Int64] {
        let running = Mutex(Duration.seconds(100))
        let machine = Instant(seconds: 1_780_000_000 + wrong)
        let clock = DatabaseClock(of: database, machine: { machine }, runningTime: { running.withLock { $0 } })
        #expect(clock.now == machine, "before the server was asked")
        let before = try await serverTime()
        try await clock.synchronize()
        let after = try await serverTime()
        let now = clock.now
        #expect(before <= now && now <= after)
        running.withLock { $0 += .seconds(7) }
        #expect(clock.now == now.adding(seconds: 7))
      }
    }
  }
}
