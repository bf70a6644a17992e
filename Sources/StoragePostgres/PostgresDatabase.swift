import Dispatch
import Storage
import Synchronization
import Values

/// A PostgreSQL server, through libpq: a pool of connections, each with a thread of its own.
///
/// Reads and serializable writes run side by side; a write that others got in the way of is run again. Cancelling a
/// task cancels its statement at the server, up to the moment in which its transaction is committed.
public final class PostgresDatabase: Database {
  private let settings: PostgresSettings
  private let pool: ConnectionPool
  private let turns: Turns
  private let now: @Sendable () -> Instant
  /// The last failure of a write because the server's disk was full, and when it was.
  private let lastUnwritable = Mutex<(at: Instant, error: DatabaseError)?>(nil)

  /// How long after such a failure the database counts as full.
  private static let secondsUnwritable: Int64 = 10
  private let listeners = Mutex<[ObjectIdentifier: AsyncStream<PostgresNotification>.Continuation]>([:])

  /// Notifications that are kept for a reader who is slow; older ones leave first.
  private static let mostNotifications = 1_000

  /// Pauses between the runs of a write, in microseconds.
  private static let pauses = Backoff(first: 2_000, longest: 500_000)

  /// PostgreSQL's own way of writing SQL.
  public var dialect: Dialect { .postgresql }

  /// Connects when there is something to do. `now` is a clock that is never set back.
  public init(
    _ settings: PostgresSettings,
    now: @escaping @Sendable () -> Instant = {
      Instant(microseconds: Int64(DispatchTime.now().uptimeNanoseconds / 1_000))
    }
  ) {
    self.settings = settings
    self.now = now
    turns = Turns(mostWaiting: settings.mostWaitingForTurn, longestWait: .seconds(settings.secondsToTurn), now: now)
    pool = ConnectionPool(settings, now: now)
  }

  /// Runs `body` on a snapshot of its own, which its first statement takes.
  public func read<Result: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result {
    try await run(.read, body)
  }

  /// Runs `body` in a serializable transaction, again where others got in its way.
  public func write<Result: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result {
    try await write(isolation: .serializable, body)
  }

  /// Runs `body` in a transaction of this isolation, again where others got in its way.
  ///
  /// Fails with ``DatabaseError/busy(_:)`` after ``PostgresSettings/mostAttempts`` runs, and with
  /// ``DatabaseError/unavailable(_:)`` where the connection breaks; its text says so where that was during the
  /// commit, whose outcome is then unknown.
  public func write<Result: Sendable>(
    isolation: Isolation, _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result {
    try await run(.write(isolation), body)
  }

  /// Runs `body` in a transaction under a lock of its key. Who waits in this process holds no connection meanwhile.
  ///
  /// Fails with ``DatabaseError/busy(_:)`` after ``PostgresSettings/secondsToTurn``, for others of this process and of
  /// other processes together, and at once where ``PostgresSettings/mostWaitingForTurn`` wait already.
  public func write<Result: Sendable>(
    inTurnOf key: String, _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result {
    try await turns.withTurn(of: key) { waited in
      let rest = settings.secondsToTurn * 1_000 - waited / 1_000
      return try await run(.turn(of: key, waitsFor: .milliseconds(max(1, rest))), body)
    }
  }

  /// Changes the schema under an advisory lock, which nobody waits for within a statement: `CREATE INDEX CONCURRENTLY`
  /// waits until all statements that run beside it have ended.
  ///
  /// Outside of a transaction the lock belongs to the server's session, so that a pooler that gives each statement
  /// another one is refused with ``DatabaseError/failed(_:)``.
  public func changeSchema<Result: Sendable>(
    _ change: SchemaChange, _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result? {
    if change == .outsideTransaction, settings.hasTransactionPooler {
      throw DatabaseError.failed(
        "a step of the schema runs outside of a transaction: migrate once with a connection string that goes past the "
          + "pooler, without prepared=false")
    }
    let lock: SQL = change == .outsideTransaction ? "pg_try_advisory_lock" : "pg_try_advisory_xact_lock"
    return try await run(.schema(change)) { transaction in
      // The key of the lock: any number will do that this program uses for nothing else.
      let answer = try transaction.first("SELECT \(lock)(\(0x6D69_6772_6174_696F)) AS is_held")
      guard try answer?.get("is_held") == true else { return nil }
      return try body(transaction)
    }
  }

  /// Begins a write. A server whose disk is full takes that: the failures of real writes tell.
  public func checkWritable() async throws {
    if let last = lastUnwritable.withLock({ $0 }), now() < last.at.adding(seconds: Self.secondsUnwritable) {
      throw last.error
    }
    try await write(isolation: .readCommitted) { _ = try $0.query("SELECT 1 AS one") }
  }

  /// Listens to `channels` (each at most 63 bytes) until the stream's reader is gone or the database is shut down.
  ///
  /// It takes a connection beside the pool. ``PostgresNotification/listening`` comes first, and again after each
  /// connection that broke. Behind a pooler of transactions nothing comes: give it a connection string of its own.
  public func notifications(on channels: String...) -> AsyncStream<PostgresNotification> {
    let (stream, continuation) = AsyncStream.makeStream(
      of: PostgresNotification.self, bufferingPolicy: .bufferingNewest(Self.mostNotifications))
    let listener = Listener(settings, channels: channels) { continuation.yield($0) }
    listeners.withLock { $0[ObjectIdentifier(listener)] = continuation }
    continuation.onTermination = { [weak self] _ in
      listener.stop()
      self?.listeners.withLock { $0[ObjectIdentifier(listener)] = nil }
    }
    return stream
  }

  /// Ends all connections when what runs on them is done. Nothing can be read or written afterwards.
  public func shutDown() async {
    for continuation in listeners.withLock({ Array($0.values) }) { continuation.finish() }
    await pool.shutDown()
  }

  private func run<Result: Sendable>(
    _ kind: TransactionKind, _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result {
    var attempt = 1
    while true {
      let (settings, scope) = (settings, AccountScope.current)
      let outcome: Outcome<Result>
      do {
        outcome = try await pool.withConnection { connection, interruption in
          try Self.run(kind, on: connection, settings, scope: scope, interruption: interruption, body)
        }
      } catch let error as DatabaseError {
        if case .unwritable = error { lastUnwritable.withLock { $0 = (now(), error) } }
        throw error
      }
      switch outcome {
      case .done(let result): return result
      case .again(let error):
        guard attempt < settings.mostAttempts else { throw error }
        var generator = SystemRandomNumberGenerator()
        try await Task.sleep(for: .microseconds(Self.pauses.pause(after: attempt, using: &generator)))
        attempt += 1
      case .elsewhere(let error):
        // A connection from before a failover has led there; a new one may lead to the server that took over.
        guard attempt == 1 else { throw error }
        attempt += 1
      }
    }
  }

  private enum Outcome<Result: Sendable> {
    case done(Result)
    case again(DatabaseError)
    case elsewhere(DatabaseError)
  }

  /// Runs one transaction from its beginning to its end, on the connection's thread.
  private static func run<Result: Sendable>(
    _ kind: TransactionKind, on connection: Connection, _ settings: PostgresSettings, scope: AccountScope,
    interruption: Interruption,
    _ body: (any Transaction) throws -> Result
  ) throws -> Outcome<Result> {
    let transaction = PostgresTransaction(
      kind, on: connection, settings, scope: scope, interruption: interruption)
    interruption.begin(connection.cancelKey)
    // What was set outside of a transaction, and the lock that was taken there, end with the session.
    defer { if !kind.isTransaction { connection.retire() } }
    do {
      if kind.isWrite { try scope.prove(in: transaction) }
      let result = try body(transaction)
      interruption.end()
      try interruption.check()
      switch kind {
      case .read: try transaction.endReading()
      case .write, .turn, .schema: try transaction.commit()
      }
      return .done(result)
    } catch {
      interruption.end()
      transaction.rollBack()
      if interruption.isCancelled {
        connection.settle()
        throw CancellationError()
      }
      let failure = (error as? PostgresFailure) ?? transaction.failure
      if let failure, failure.isWorthAnotherRun { return .again(failure.error) }
      if let failure, case .leaveServer = failure.remedy { return .elsewhere(failure.error) }
      throw (error as? PostgresFailure)?.error ?? error
    }
  }
}
