import Storage
import Values

/// Fires the ticks of schedules, each exactly once, however many schedulers run: the database stores when each is due,
/// and the scheduler whose transaction advances that time is the one that fires.
public struct Scheduler: Sendable {
  /// How late, in seconds, a tick may be fired where the schedule skips missed ones.
  static let lateness: Int64 = 60

  /// The longest wait between two checks, so that an operator's changes take effect.
  static let longestWait = Duration.seconds(30)

  private let database: any Database
  private let entries: @Sendable (any Transaction) throws -> [ScheduleEntry]
  private let clock: @Sendable () -> Instant
  private let sleep: @Sendable (Duration) async throws -> Void
  private let onFailure: @Sendable (any Error) -> Void

  /// Takes a database that has the tables of ``JobMigrations``; `entries` is called at each check.
  public init(
    database: any Database, entries: @escaping @Sendable (any Transaction) throws -> [ScheduleEntry],
    clock: @escaping @Sendable () -> Instant,
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
    onFailure: @escaping @Sendable (any Error) -> Void = { _ in }
  ) {
    self.database = database
    self.entries = entries
    self.clock = clock
    self.sleep = sleep
    self.onFailure = onFailure
  }

  /// Fires what is due until the task is cancelled. What fails is tried again at the next check.
  public func run() async {
    while !Task.isCancelled {
      var wait = Self.longestWait
      do {
        if let next = try await tick() {
          wait = min(wait, max(.milliseconds(100), .microseconds(next.microseconds - clock().microseconds)))
        }
      } catch {
        onFailure(error)
        wait = .seconds(1)
      }
      guard (try? await sleep(wait)) != nil else { return }
    }
  }

  /// Fires each entry that is due, and returns when the next one is due; nil where none ever is.
  ///
  /// An entry that fails does not keep the others from firing; its error is thrown at the end, and the entry stays due.
  @discardableResult
  public func tick() async throws -> Instant? {
    let now = clock()
    let entries = try await database.write { [entries] in try entries($0) }
    var nextTicks: [Instant] = []
    var failure: (any Error)?
    for entry in entries {
      do {
        let next = try await database.write { transaction in try fire(entry, at: now, in: transaction) }
        if let next { nextTicks.append(next) }
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return nextTicks.min()
  }

  /// Suspends a schedule, or resumes it with its next tick from now.
  ///
  /// Returns whether there is a schedule of this name.
  @discardableResult
  public func setEnabled(_ isEnabled: Bool, name: String) async throws -> Bool {
    let now = clock()
    return try await database.write { [entries] transaction in
      let next = try entries(transaction).first { $0.name == name }?.timing.next(after: now)
      return try transaction.execute(
        """
        UPDATE schedules SET enabled = \(isEnabled), next_at = COALESCE(\(next.sqlValue), next_at)
        WHERE name = \(name)
        """) == 1
    }
  }

  /// Forgets the schedules of names that `isGone` reports as removed: if they become entries again, ticks missed
  /// meanwhile are not made up for.
  public static func forget(in transaction: any Transaction, where isGone: (_ name: String) -> Bool) throws {
    for row in try transaction.query("SELECT name FROM schedules ORDER BY name") {
      let name: String = try row.get("name")
      if isGone(name) { try transaction.execute("DELETE FROM schedules WHERE name = \(name)") }
    }
  }

  /// Fires the entry if it is due, and returns when it is due next.
  private func fire(_ entry: ScheduleEntry, at now: Instant, in transaction: any Transaction) throws -> Instant? {
    let due = try dueTime(of: entry, at: now, in: transaction)
    guard let due, due <= now else { return due }
    let tick = entry.timing.last(from: due, upTo: now)
    let next = entry.timing.next(after: now)
    let isFired = entry.missedPolicy == .once || now <= tick.adding(seconds: Self.lateness)
    let isMine = try transaction.execute(
      """
      UPDATE schedules SET next_at = \(next.sqlValue),
        last_fired_at = COALESCE(\((isFired ? tick : nil).sqlValue), last_fired_at)
      WHERE name = \(entry.name) AND next_at = \(due) AND enabled = \(true)
      """)
    if isMine == 1, isFired { try entry.fire(transaction, tick) }
    return next
  }

  /// When the entry is due; nil where it is suspended. An entry that is new, or whose timing has changed, is due at the
  /// first tick after now.
  private func dueTime(of entry: ScheduleEntry, at now: Instant, in transaction: any Transaction) throws -> Instant? {
    let timing = entry.timing.description
    let row = try transaction.first(
      "SELECT timing, missed_policy, next_at, enabled FROM schedules WHERE name = \(entry.name)")
    if let row, try row.get("timing") == timing, try row.get("missed_policy") == entry.missedPolicy.rawValue {
      return try row.get("enabled") ? try row.getOptional("next_at") : nil
    }
    let next = entry.timing.next(after: now)
    try transaction.execute(
      """
      INSERT INTO schedules (name, timing, missed_policy, next_at, enabled)
      VALUES (\(entry.name), \(timing), \(entry.missedPolicy.rawValue), \(next.sqlValue), \(true))
      ON CONFLICT (name) DO UPDATE SET timing = excluded.timing, missed_policy = excluded.missed_policy,
        next_at = excluded.next_at
      """)
    return next
  }
}
