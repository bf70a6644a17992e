import Synchronization
import Values

/// The clock of a database server, by which all processes that share the database agree about leases and schedules.
///
/// The server is asked for the time now and then; in between, the time advances by this process's own running time, so
/// a machine clock that is wrong or is set back has no effect. A database in a file has no clock of its own: there it
/// is the machine's.
public final class DatabaseClock: Sendable {
  private let database: any Database
  private let machine: @Sendable () -> Instant
  private let runningTime: @Sendable () -> Duration
  /// The server's time, and the running time at which it was read.
  private let latest = Mutex<(server: Instant, runningTime: Duration)?>(nil)

  /// Takes the machine's clock, and how long the process has been running, which never goes back.
  public init(
    of database: any Database, machine: @escaping @Sendable () -> Instant,
    runningTime: @escaping @Sendable () -> Duration = DatabaseClock.runningTime()
  ) {
    self.database = database
    self.machine = machine
    self.runningTime = runningTime
  }

  /// The time since this was called, including time during which the machine sleeps.
  public static func runningTime() -> @Sendable () -> Duration {
    let start = ContinuousClock.now
    return { ContinuousClock.now - start }
  }

  /// The current moment: the machine's until the server has been asked.
  public var now: Instant {
    guard let latest = latest.withLock({ $0 }) else { return machine() }
    let passed = (runningTime() - latest.runningTime) / .microseconds(1)
    return Instant(microseconds: latest.server.microseconds + Int64(clamping: passed))
  }

  /// Asks the server for the time, which is assumed to have been read halfway between the question and the answer.
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
