import Synchronization
import Values

/// The clock of a database's server, by which all processes that share the database agree about leases and schedules.
///
/// It is asked for the time now and then, and goes on by this process's own running time in between, so that a
/// machine's clock that is wrong or set back changes nothing. A database in a file has no clock of its own: there it is
/// the machine's.
public final class DatabaseClock: Sendable {
  private let database: any Database
  private let machine: @Sendable () -> Instant
  private let runningTime: @Sendable () -> Duration
  /// What the server's clock showed after so much running time.
  private let latest = Mutex<(server: Instant, runningTime: Duration)?>(nil)

  /// Takes the machine's clock, and how long the process has been running, which is never set back.
  public init(
    of database: any Database, machine: @escaping @Sendable () -> Instant,
    runningTime: @escaping @Sendable () -> Duration = DatabaseClock.runningTime()
  ) {
    self.database = database
    self.machine = machine
    self.runningTime = runningTime
  }

  /// The time since this was called, also while the machine sleeps.
  public static func runningTime() -> @Sendable () -> Duration {
    let start = ContinuousClock.now
    return { ContinuousClock.now - start }
  }

  /// The present moment: the machine's until the server has been asked.
  public var now: Instant {
    guard let latest = latest.withLock({ $0 }) else { return machine() }
    let passed = (runningTime() - latest.runningTime) / .microseconds(1)
    return Instant(microseconds: latest.server.microseconds + Int64(clamping: passed))
  }

  /// Asks the server for the time. It is taken to be that of the middle of the question and the answer.
  public func synchronize() async throws {
    guard let query = database.dialect.timeQuery else { return }
    let (server, middle) = try await database.read { [runningTime] transaction in
      let before = runningTime()
      let server: Instant? = try transaction.first(query)?.get("now")
      return (server, before + (runningTime() - before) / 2)
    }
    guard let server else { throw DatabaseError.unreadableColumn("now") }
    latest.withLock { $0 = (server, middle) }
  }
}
