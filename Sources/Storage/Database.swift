/// How far a write is isolated from concurrent writes.
public enum Isolation: String, Sendable, CaseIterable {
  /// As if writes ran one after another: what a closure has read still holds when its changes are committed.
  case serializable
  /// Each statement sees what was committed before it began: for claims under row locks (`FOR UPDATE SKIP LOCKED`) and
  /// for statements that are correct on their own, such as `n = n + 1`.
  case readCommitted
}

/// A database that keeps this system's state.
///
/// Work happens in closures that run on the driver's own threads, never on Swift's cooperative pool, and that can wait
/// for nothing but the database: a transaction lasts no longer than its statements.
public protocol Database: Sendable {
  /// How this database writes its SQL.
  var dialect: Dialect { get }

  /// Runs `body` on one consistent snapshot. Writing in `body` is an error.
  func read<Result: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result

  /// Runs `body` in a transaction that commits when it returns and rolls back when it throws.
  ///
  /// When this returns, the changes are on disk. Writes are ``Isolation/serializable``. A database that runs them
  /// concurrently rolls back a write that conflicts, and runs `body` again. So `body` may run several times: it changes
  /// nothing but the database, and only its last run counts.
  func write<Result: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result

  /// As ``write(_:)``, isolated from other writes at least as far as `isolation` says.
  func write<Result: Sendable>(
    isolation: Isolation, _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result

  /// As ``write(_:)``, but starts only when all earlier writes with this `key` have ended, in whatever process, and
  /// sees what they wrote.
  ///
  /// For writes that would conflict again and again, and for long ones. They are isolated from each other only:
  /// whatever they read and rely on must be written only under the same key, or never change.
  func write<Result: Sendable>(
    inTurnOf key: String, _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result

  /// Runs `body`, which changes tables, under a lock that keeps other processes from changing the schema, and without
  /// time limits on statements and locks. Returns nil, having done nothing, while another process holds that lock.
  ///
  /// `body` may run several times, as in ``write(_:)``. Outside a transaction each statement is committed on its own,
  /// and those before a failure stay.
  func changeSchema<Result: Sendable>(
    _ change: SchemaChange, _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result?

  /// Throws a ``DatabaseError`` where the database cannot be written now: ``DatabaseError/unwritable(_:)`` for a disk
  /// that is full or read-only, ``DatabaseError/unavailable(_:)`` for a server that accepts no writes. Its cost does
  /// not depend on what is stored, and it does not wait for writes in progress.
  func checkWritable() async throws

  /// Closes all connections once the work on them is done. Nothing can be read or written afterwards.
  func shutDown() async
}

extension Database {
  /// Begins a write.
  public func checkWritable() async throws {
    try await write(isolation: .readCommitted) { _ = try $0.query("SELECT 1 AS one") }
  }

  /// Nothing needs to be ended.
  public func shutDown() async {}

  /// Uses ``write(_:)``, for databases where one write runs at a time.
  public func changeSchema<Result: Sendable>(
    _ change: SchemaChange, _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result? {
    try await write(body)
  }

  /// Isolates writes as far as ``write(_:)`` does, which is never too little.
  public func write<Result: Sendable>(
    isolation: Isolation, _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result {
    try await write(body)
  }

  /// Uses ``write(_:)``, for databases where one write runs at a time.
  public func write<Result: Sendable>(
    inTurnOf key: String, _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result {
    try await write(body)
  }
}

/// The statements of one transaction; valid only inside the closure that received it.
public protocol Transaction {
  /// How this database writes its SQL.
  var dialect: Dialect { get }

  /// Runs a statement and returns its rows.
  func query(_ sql: SQL) throws -> [Row]

  /// Runs a statement and passes its rows to `body` one by one, without keeping them.
  func forEach(_ sql: SQL, _ body: (Row) throws -> Void) throws

  /// Runs a statement and returns how many rows it changed.
  @discardableResult
  func execute(_ sql: SQL) throws -> Int

  /// Prepares a statement to be executed many times. The values in `sql` are only placeholders for those of each
  /// execution.
  func prepare(_ sql: SQL) throws -> any PreparedStatement
}

/// A statement that is parsed once and executed many times, within its transaction.
public protocol PreparedStatement {
  /// Executes with `values`, one for each placeholder in order. Returns how many rows were changed.
  @discardableResult
  func execute(_ values: [SQLValue]) throws -> Int

  /// Executes with `values`, one for each placeholder in order, and returns the rows that the statement returns.
  func query(_ values: [SQLValue]) throws -> [Row]

  /// Executes once for each of `rows`, in order, and returns how many rows each execution changed.
  ///
  /// A database across a network sends many executions before it waits for an answer. Stops at the first failure.
  @discardableResult
  func execute(each rows: [[SQLValue]]) throws -> [Int]
}

extension PreparedStatement {
  /// Executes one after the other.
  @discardableResult
  public func execute(each rows: [[SQLValue]]) throws -> [Int] {
    try rows.map { try execute($0) }
  }
}

extension Transaction {
  /// Runs a statement and returns its first row, if it has any.
  public func first(_ sql: SQL) throws -> Row? {
    try query(sql).first
  }
}
