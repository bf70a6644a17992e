import Accounts
import AppTestKit
import Jobs
import Logging
import Storage
import TestKit
import Testing
import Values

@testable import App

/// When recurring jobs are pushed, for which accounts, and by whose clocks.
struct RecurringJobTests {
  private struct Nightly: RecurringAccountJob {
    static let name = "nightly"
    static let queue = QueueName(rawValue: "samples")
    static let usualSchedule = "0 4 * * * account"
    let accountID: AccountID
  }

  private struct Compact: RecurringInstallationJob {
    static let name = "compact"
    static let queue = Nightly.queue
    static let usualSchedule = "0 4 * * *"
  }

  private static let kinds: [any RecurringJob.Type] = [Nightly.self, Compact.self]

  private let test: TestSystem
  private let queue: DatabaseJobQueue

  init() async throws {
    test = try await TestSystem(timezone: "Europe/Berlin", at: try #require(Instant("2026-06-01T00:00:00Z")))
    queue = DatabaseJobQueue(database: test.system.database, clock: test.clock.now)
  }

  private func scheduler(_ changes: [String] = []) throws -> Scheduler {
    let jobs = RecurringJobs(
      Self.kinds, queue: queue, accounts: test.system.accounts,
      settings: try ScheduleSettings(changes, kinds: Self.kinds), logger: Logger(label: "test"))
    return Scheduler(database: test.system.database, entries: jobs.entries, clock: test.clock.now)
  }

  /// Lets time go on to a moment, and returns what was pushed meanwhile, by name and account, with when.
  private func run(_ scheduler: Scheduler, until end: String) async throws -> [String] {
    let before = try await queue.list(JobFilter()).first?.id
    let end = try #require(Instant(end))
    while test.clock.now() <= end {
      try await scheduler.tick()
      test.clock.advance(seconds: 1_800)
    }
    return try await queue.list(JobFilter()).prefix { $0.id != before }.map { job in
      "\(job.createdAt.description.dropFirst(5).dropLast(4)) \(job.name) \(job.accountID?.value ?? "-")"
    }.sorted()
  }

  @Test("A job by the account's clocks comes to each account at its own time, one of no account once")
  func byAccount() async throws {
    let tokyo = try #require(AccountID("tokyo"))
    try await test.system.accounts.create(tokyo, timezone: "Asia/Tokyo")
    let scheduler = try scheduler()
    let pushed = try await run(scheduler, until: "2026-06-02T03:00:00Z")
    #expect(
      pushed == [
        "06-01T02:00 nightly acme", "06-01T04:00 compact -", "06-01T19:00 nightly tokyo", "06-02T02:00 nightly acme",
      ])
    try await test.system.lifecycle.disable(tokyo, by: .system)
    let withoutTokyo = try await run(scheduler, until: "2026-06-03T03:00:00Z")
    #expect(withoutTokyo == ["06-02T04:00 compact -", "06-03T02:00 nightly acme"])
    try await test.system.lifecycle.enable(tokyo, by: .system)
    let enabled = try await run(scheduler, until: "2026-06-03T12:00:00Z")
    #expect(enabled == ["06-03T04:00 compact -"], "what a zone without accounts missed is not made up for")
  }

  @Test("Another schedule takes the place of the one before, by a named zone or for all at once")
  func changed() async throws {
    _ = try await run(try scheduler(), until: "2026-06-01T00:00:00Z")
    let changed = try scheduler(["nightly=0 4 * * * Asia/Tokyo", "compact=0 1 * * * Asia/Kolkata"])
    #expect(
      try await run(changed, until: "2026-06-01T20:00:00Z") == ["06-01T19:00 nightly acme", "06-01T19:30 compact -"])
    let names = try await test.system.database.read { transaction in
      try transaction.query("SELECT name, timing FROM schedules ORDER BY name").map {
        "\(try $0.get("name", as: String.self)): \(try $0.get("timing", as: String.self))"
      }
    }
    #expect(names == ["compact: 0 1 * * * Asia/Kolkata", "nightly: 0 4 * * * Asia/Tokyo"])
  }

  @Test(
    "A schedule that makes no sense is refused with its rule",
    arguments: [
      ("nightly=0 4 * * * Mars", "IANA time zone"), ("nightly=0 4 * * * account account", "5 fields"),
      ("compact=0 4 * * * account", "these jobs are of no account"), ("nightly=99999999999999999999d", "15m or 6h"),
      ("nightly=9223372036854775807d", "1 s to 366 days"), ("nightly=0s", "1 s to 366 days"),
      ("other=1h", "one of nightly, compact"),
    ])
  func refused(_ change: String, _ rule: String) {
    let error = #expect(throws: SettingError.self) { try ScheduleSettings([change], kinds: Self.kinds) }
    #expect(error?.description.contains(rule) == true, "\(error?.description ?? "")")
  }

  @Test("Schedules are shown as they are written")
  func shown() throws {
    let settings = try ScheduleSettings(["compact=90s"], kinds: Self.kinds)
    #expect(settings.schedules.mapValues { "\($0)" } == ["nightly": "0 4 * * * account", "compact": "every 90 s"])
  }
}
