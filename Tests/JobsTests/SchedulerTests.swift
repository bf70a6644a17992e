import Jobs
import Storage
import TestKit
import Testing
import Values

@Suite("The scheduler", .timeLimit(.minutes(15)))
struct SchedulerTests {
  private static let start = Instant(seconds: 1_780_000_000)

  private func entry(
    _ timing: Schedule, _ policy: MissedPolicy = .skip, queue: DatabaseJobQueue
  ) -> ScheduleEntry {
    ScheduleEntry(name: "watch", timing: timing, missedPolicy: policy) { transaction, tick in
      try queue.push([SampleJob(Int(tick.seconds))], in: transaction)
    }
  }

  private func ticks(_ queue: DatabaseJobQueue) async throws -> [Int] {
    try await queue.list(JobFilter()).reversed().map { record in
      try #require(Int(record.payload.filter(\.isNumber)))
    }
  }

  @Test("fires each tick once, however many schedulers there are")
  func once() async throws {
    try await withJobDatabase { database, clock in
      let queue = DatabaseJobQueue(database: database, clock: clock.now)
      let schedulers = (1...6).map { _ in
        Scheduler(database: database, entries: { _ in [entry(.every(seconds: 10), queue: queue)] }, clock: clock.now)
      }
      for _ in 1...4 {
        try await withThrowingTaskGroup { group in
          for scheduler in schedulers { group.addTask { _ = try await scheduler.tick() } }
          try await group.waitForAll()
        }
        clock.advance(seconds: 10)
      }
      let first = Int(Self.start.seconds) + 10
      #expect(try await ticks(queue) == [first, first + 10, first + 20])
    }
  }

  @Test("tells when the next tick is due, by interval and by calendar")
  func nextDue() async throws {
    try await withJobDatabase { database, clock in
      let queue = DatabaseJobQueue(database: database, clock: clock.now)
      let daily = try CronExpression("0 3 * * *")
      let scheduler = Scheduler(
        database: database, entries: { _ in [entry(.cron(daily), queue: queue)] }, clock: clock.now)
      #expect(try await scheduler.tick() == daily.next(after: clock.now()))
      #expect(try await ticks(queue) == [])
      let faster = Scheduler(
        database: database, entries: { _ in [entry(.every(seconds: 7), queue: queue)] }, clock: clock.now)
      let next = try #require(try await faster.tick())
      #expect(next.seconds.isMultiple(of: 7) && next > clock.now() && next <= clock.now().adding(seconds: 7))
    }
  }

  @Test(
    "ticks that were missed",
    arguments: [
      (MissedPolicy.once, 3_605, [3_600]), (.once, 65, [60]), (.skip, 3_605, [3_600]), (.skip, 65, [60]),
    ])
  func missed(policy: MissedPolicy, away: Int, fired: [Int]) async throws {
    try await withJobDatabase { database, clock in
      let queue = DatabaseJobQueue(database: database, clock: clock.now)
      clock.set(to: Instant(seconds: 1_780_002_000))
      let scheduler = Scheduler(
        database: database, entries: { _ in [entry(.every(seconds: 10), policy, queue: queue)] }, clock: clock.now)
      try await scheduler.tick()
      clock.advance(seconds: Int64(away))
      try await scheduler.tick()
      #expect(try await ticks(queue) == fired.map { 1_780_002_000 + $0 })
    }
  }

  @Test("a tick missed by more than a minute is left out or made up for, as the schedule says")
  func late() async throws {
    for (policy, count) in [(MissedPolicy.skip, 0), (.once, 1)] {
      try await withJobDatabase { database, clock in
        let queue = DatabaseJobQueue(database: database, clock: clock.now)
        let hourly = try CronExpression("0 * * * *")
        let scheduler = Scheduler(
          database: database, entries: { _ in [entry(.cron(hourly), policy, queue: queue)] }, clock: clock.now)
        let next = try #require(try await scheduler.tick())
        clock.set(to: next.adding(seconds: 5 * 3_600 + 61))
        let following = try await scheduler.tick()
        #expect(following == next.adding(seconds: 6 * 3_600))
        #expect(try await ticks(queue) == (0..<count).map { _ in Int(next.seconds) + 5 * 3_600 })
      }
    }
  }

  @Test("an entry that fails stays due and keeps no other back")
  func failing() async throws {
    try await withJobDatabase { database, clock in
      let queue = DatabaseJobQueue(database: database, clock: clock.now)
      let isBroken = Shared(true)
      let broken = ScheduleEntry(name: "broken", timing: .every(seconds: 10)) { transaction, _ in
        try queue.push([SampleJob(1)], in: transaction)
        if isBroken.current { throw PlainError() }
      }
      let scheduler = Scheduler(
        database: database, entries: { _ in [broken, entry(.every(seconds: 10), queue: queue)] }, clock: clock.now)
      try await scheduler.tick()
      clock.advance(seconds: 10)
      await #expect(throws: PlainError.self) { try await scheduler.tick() }
      #expect(try await ticks(queue).count == 1, "what the broken one pushed was rolled back")
      isBroken.change { $0 = false }
      try await scheduler.tick()
      #expect(try await ticks(queue).count == 2)
    }
  }

  @Test("by the clocks of a zone a tick is fired once a day, also where the clocks change")
  func zones() async throws {
    try await withJobDatabase { database, clock in
      let queue = DatabaseJobQueue(database: database, clock: clock.now)
      let nightly = Schedule.cron(try CronExpression("30 2 * * *"), in: try #require(Zone("Europe/Berlin")))
      #expect(nightly.description == "30 2 * * * Europe/Berlin")
      let scheduler = Scheduler(
        database: database, entries: { _ in [entry(nightly, .once, queue: queue)] }, clock: clock.now)
      for start in ["2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z"] {
        clock.set(to: try #require(Instant(start)))
        let before = try await ticks(queue).count
        for _ in 0..<(2 * 24 * 4) {
          try await scheduler.tick()
          clock.advance(seconds: 900)
        }
        // What was missed between spring and autumn is made up for once.
        #expect(try await ticks(queue).count - before == (start.hasPrefix("2026-03") ? 2 : 3))
      }
      let last = try await ticks(queue).suffix(2).map { Instant(seconds: Int64($0)).description }
      #expect(last == ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"])
    }
  }

  @Test("an entry that is gone is forgotten, and not made up for when it comes back")
  func forgotten() async throws {
    try await withJobDatabase { database, clock in
      let queue = DatabaseJobQueue(database: database, clock: clock.now)
      let isThere = Shared(true)
      let watch = entry(.every(seconds: 10), .once, queue: queue)
      let scheduler = Scheduler(
        database: database,
        entries: { transaction in
          if isThere.current { return [watch] }
          try Scheduler.forget(in: transaction) { $0 == "watch" }
          return []
        }, clock: clock.now)
      try await scheduler.tick()
      isThere.change { $0 = false }
      clock.advance(seconds: 100)
      #expect(try await scheduler.tick() == nil)
      isThere.change { $0 = true }
      let next = try #require(try await scheduler.tick())
      #expect(try await ticks(queue) == [])
      clock.set(to: next)
      try await scheduler.tick()
      #expect(try await ticks(queue).count == 1)
    }
  }

  @Test("a schedule can rest")
  func resting() async throws {
    try await withJobDatabase { database, clock in
      let queue = DatabaseJobQueue(database: database, clock: clock.now)
      let scheduler = Scheduler(
        database: database, entries: { _ in [entry(.every(seconds: 10), .once, queue: queue)] }, clock: clock.now)
      try await scheduler.tick()
      #expect(try await scheduler.setEnabled(false, name: "watch"))
      #expect(try await !scheduler.setEnabled(false, name: "absent"))
      clock.advance(seconds: 100)
      #expect(try await scheduler.tick() == nil)
      #expect(try await scheduler.setEnabled(true, name: "watch"))
      clock.advance(seconds: 10)
      try await scheduler.tick()
      #expect(try await ticks(queue).count == 1)
    }
  }

  @Test("runs until it is cancelled, asleep between ticks")
  func run() async throws {
    try await withJobDatabase { database, clock in
      let queue = DatabaseJobQueue(database: database, clock: clock.now)
      let sleep = ManualSleep()
      let scheduler = Scheduler(
        database: database, entries: { _ in [entry(.every(seconds: 20), queue: queue)] }, clock: clock.now,
        sleep: sleep.rest)
      let running = Task { await scheduler.run() }
      await sleep.waitForSleeper(.seconds(20))
      clock.advance(seconds: 20)
      sleep.end(.seconds(20))
      await sleep.waitForSleeper(.seconds(20))
      running.cancel()
      await running.value
      let fired = try await ticks(queue)
      #expect(fired == [Int(Self.start.seconds) + 20])
    }
  }
}
