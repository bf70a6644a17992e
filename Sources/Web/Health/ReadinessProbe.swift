import Storage
import Synchronization
import Values

/// Whether the database can be written, checked at most once a second however often it is asked.
final class ReadinessProbe: Sendable {
  private let database: any Database
  private let clock: @Sendable () -> Instant
  private let latest = Mutex<(askedAt: Instant, answer: Task<Void, any Error>)?>(nil)

  private static let secondsKept: Int64 = 1

  init(database: any Database, clock: @escaping @Sendable () -> Instant) {
    self.database = database
    self.clock = clock
  }

  /// Throws a ``DatabaseError`` where the database cannot be written.
  func check() async throws {
    let now = clock()
    let answer = latest.withLock { latest in
      if let known = latest, (known.askedAt..<known.askedAt.adding(seconds: Self.secondsKept)).contains(now) {
        return known.answer
      }
      let answer = Task { [database] in
        try await AccountScope.$current.withValue(.all) { try await database.checkWritable() }
      }
      latest = (now, answer)
      return answer
    }
    try await answer.value
  }
}
