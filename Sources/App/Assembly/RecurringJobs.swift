import Accounts
import Jobs
import Logging
import Storage
import Values

/// When the recurring jobs are pushed, and for which accounts. Missed ticks are made up for once.
struct RecurringJobs: Sendable {
  private let kinds: [any RecurringJob.Type]
  private let queue: DatabaseJobQueue
  private let accounts: AccountService
  private let settings: ScheduleSettings
  private let logger: Logger

  /// Pushes jobs of `kinds` as `settings` say.
  init(
    _ kinds: [any RecurringJob.Type] = System.recurringJobs, queue: DatabaseJobQueue, accounts: AccountService,
    settings: ScheduleSettings, logger: Logger
  ) {
    self.kinds = kinds
    self.queue = queue
    self.accounts = accounts
    self.settings = settings
    self.logger = logger
  }

  init(_ system: System, _ settings: ScheduleSettings, logger: Logger) {
    self.init(queue: system.jobs, accounts: system.accounts, settings: settings, logger: logger)
  }

  /// One entry for each kind; for a kind scheduled in the accounts' own local time, one for each zone that accounts
  /// have.
  @Sendable func entries(in transaction: any Transaction) throws -> [ScheduleEntry] {
    let entries = try kinds.flatMap { try self.entries(of: $0, in: transaction) }
    let names = Set(entries.map(\.name))
    try Scheduler.forget(in: transaction) { name in
      !names.contains(name) && kinds.contains { name == $0.name || name.hasPrefix($0.name + "@") }
    }
    return entries
  }

  private func entries(of kind: any RecurringJob.Type, in transaction: any Transaction) throws -> [ScheduleEntry] {
    switch settings.schedules[kind.name] {
    case .fixed(let timing): [entry(kind.name, timing, kind)]
    case .byAccount(let expression):
      try zones(in: transaction).map { zone in
        entry("\(kind.name)@\(zone)", .cron(expression, in: zone), kind, timezone: zone.name)
      }
    case nil: []
    }
  }

  private func entry(
    _ name: String, _ timing: Schedule, _ kind: any RecurringJob.Type, timezone: String? = nil
  ) -> ScheduleEntry {
    ScheduleEntry(name: name, timing: timing, missedPolicy: .once) { transaction, _ in
      try push(kind, timezone: timezone, in: transaction)
    }
  }

  /// The zones of the accounts that are not disabled.
  private func zones(in transaction: any Transaction) throws -> [Zone] {
    try Set(accounts.activeTimezones(in: transaction).values).sorted().compactMap { name in
      let zone = Zone(name)
      if zone == nil {
        logger.error(
          "accounts of a time zone get no recurring jobs: install the package tzdata", metadata: ["timezone": "\(name)"]
        )
      }
      return zone
    }
  }

  /// Pushes the jobs of one tick for the accounts that are not disabled and have this time zone; for nil, those of any.
  private func push<J: RecurringJob>(
    _ kind: J.Type, timezone: String? = nil, in transaction: any Transaction
  ) throws {
    let owners =
      if let timezone {
        try accounts.activeTimezones(in: transaction).filter { $0.value == timezone }.keys.sorted()
      } else {
        try accounts.activeIDs(in: transaction)
      }
    let jobs = J.jobs(for: owners)
    for start in stride(from: 0, to: jobs.count, by: JobLimits.batch) {
      try queue.push(Array(jobs[start..<min(start + JobLimits.batch, jobs.count)]), in: transaction)
    }
  }
}
