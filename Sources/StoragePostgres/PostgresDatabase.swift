import Dispatch
import Storage
import Synchronization
import Values

/// A PostgreSQL server, through libpq: a pool of connections, each with its own thread.
///
/// Reads and serializable writes run concurrently; a write that conflicts with others is run again. Cancelling a task
/// cancels its statement at the server, until its transaction is being committed.
public final class PostgresDatabase: Database {
  private let settings: PostgresSettings
  private let pool: ConnectionPool
  private let turns: Turns
  private let now: @Sendable () -> Instant
  /// The last write that failed because the server's disk was full, and when it failed.
  private let lastUnwritable = Mutex<(at: Instant, error: DatabaseError)?>(nil)

  /// How long after such a failure the database is treated as full.
  private static let secondsUnwritable: Int64 = 10
  private let listeners = Mutex<[ObjectIdentifier: AsyncStream<PostgresNotification>.Continuation]>([:])

  /// The most notifications kept for a slow reader; the oldest are dropped first.
  private static let mostNotifications = 1_000

  /// Pauses between the runs of a write, in microseconds.
  private static let pauses = Backoff(first: 2_000, longest: 500_000)

  /// PostgreSQL's own way of writing SQL.
  public var dialect: Dialect { .postgresql }

  /// Connects when first needed. `now` is a clock that never goes back.
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

  /// Runs `body` on a snapshot, taken by its first statement.
  public func read<Result: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result {
    try await run(.read, body)
  }

  /// Runs `body` in a serializable transaction, again if it conflicts with others.
  public func write<Result: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result {
    try await write(isolation: .serializable, body)
  }

  /// Runs `body` in a transaction with this isolation, again if it conflicts with others.
  ///
  /// Fails with ``DatabaseError/busy(_:)`` after ``PostgresSettings/mostAttempts`` runs, and with
  /// ``DatabaseError/unavailable(_:)`` where the connection breaks; its text says so if that was during the commit,
  /// whose outcome is then unknown.
  public func write<Result: Sendable>(
    isolation: Isolation, _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result {
    try await run(.write(isolation), body)
  }

  /// Runs `body` in a transaction under a lock on its key. Writes waiting in this process hold no connection.
  ///
  /// Fails with ``DatabaseError/busy(_:)`` after waiting ``PostgresSettings/secondsToTurn`` for writes of this and
  /// other processes together, and at once where ``PostgresSettings/mostWaitingForTurn`` writes are waiting already.
  public func write<Result: Sendable>(
    inTurnOf key: String, _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result {
    try await turns.withTurn(of: key) { waited in
      let rest = settings.secondsToTurn * 1_000 - waited / 1_000
      return try await run(.turn(of: key, waitsFor: .milliseconds(max(1, rest))), body)
    }
  }

  /// Changes the schema under an advisory lock. Nobody waits for the lock inside a statement, because `CREATE INDEX
  /// CONCURRENTLY` waits for all concurrent statements to end.
  ///
  /// Outside a transaction the lock belongs to the server session, so a pooler that gives each statement another
  /// session is refused with ``DatabaseError/failed(_:)``.
  public func changeSchema<Result: Sendable>(
    _ change: SchemaChange, _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result? {
    if change == .outsideTransaction, settings.hasTransactionPooler {
      throw DatabaseError.failed(
        "a migration runs outside a transaction: migrate once with a connection string that bypasses the "
          + "pooler, without prepared=false")
    }
    let lock: SQL = change == .outsideTransaction ? "pg_try_advisory_lock" : "pg_try_advisory_xact_lock"
    return try await run(.schema(change)) { transaction in
      // The key of the lock: any number that this program uses for nothing else.
      let answer = try transaction.first("SELECT \(lock)(\(0x6D69_6772_6174_696F)) AS is_held")
      guard try answer?.get("is_held") == true else { return nil }
      return try body(transaction)
    }
  }

  /// Begins a write. A server with a full disk allows that; only real writes fail, and their failure is remembered.
  public func checkWritable() async throws {
    if let last = lastUnwritable.withLock({ $0 }), now() < last.at.adding(seconds: Self.secondsUnwritable) {
      throw last.error
    }
    try await write(isolation: .readCommitted) { _ = try $0.query("SELECT 1 AS one") }
  }

  /// Listens to `channels` (each at most 63 bytes) until the stream's reader is gone or the database is shut down.
  ///
  /// It uses a connection outside the pool. ``PostgresNotification/listening`` comes first, and again after each
  /// reconnection. Behind a transaction pooler nothing arrives: give it a connection string that bypasses the pooler.
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

  /// Closes all connections once the work on them is done. Nothing can be read or written afterwards.
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
        // A connection from before a failover may have led here; a new one may reach the server that took over.
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

  /// Runs one transaction from beginning to end, on the connection's thread.
  private static func run<Result: Sendable>(
    _ kind: TransactionKind, on connection: Connection, _ settings: PostgresSettings, scope: AccountScope,
    interruption: Interruption,
    _ body: (any Transaction) throws -> Result
  ) throws -> Outcome<Result> {
    let transaction = PostgresTransaction(
      kind, on: connection, settings, scope: scope, interruption: interruption)
    interruption.begin(connection.cancelKey)
    // What was set outside a transaction, and the lock taken there, end with the session.
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
