/// How far a write is kept apart from the writes beside it.
public enum Isolation: String, Sendable, CaseIterable {
  /// As if writes ran one after another: what a closure has read still holds when its changes are committed.
  case serializable
  /// Each statement sees what was committed before it began: for claims under locks of rows
  /// (`FOR UPDATE SKIP LOCKED`) and for statements that are right by themselves, such as `n = n + 1`.
  case readCommitted
}

/// A database that keeps this system's state.
///
/// Work happens in closures that run on the driver's own threads, never on Swift's cooperative pool, and that
/// cannot wait for anything but the database: a transaction stays as short as its statements.
public protocol Database: Sendable {
  /// How this database writes its SQL.
  var dialect: Dialect { get }

  /// Runs `body` on one consistent snapshot. Writing in it is an error.
  func read<Result: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result

  /// Runs `body` in a transaction that commits when it returns and rolls back when it throws.
  ///
  /// When this returns, the changes are on disk. Writes are ``Isolation/serializable``. A database that lets them
  /// run side by side takes one back that turns out not to be so, and runs `body` again: it may run several times,
  /// so it changes nothing but the database, and only its last run counts.
  func write<Result: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result

  /// Does the same, kept apart from other writes at least as far as `isolation` says.
  func write<Result: Sendable>(
    isolation: Isolation, _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result

  /// Does the same when all writes in the turn of `key` that began before have ended, in whatever process; it sees
  /// what they left.
  ///
  /// For writes that would get in each other's way again and again, and for long ones. They are kept apart from
  /// each other alone: whatever they read and decide by is to be written in the same turn only, or to stay true.
  func write<Result: Sendable>(
    inTurnOf key: String, _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result

  /// Runs `body`, which changes tables, under a lock that keeps other processes from changing the schema, and without
  /// limits of time on statements and locks. Returns nil, with nothing done, while another process holds that lock.
  ///
  /// `body` may run several times, as in ``write(_:)``. Outside of a transaction each statement is committed by itself,
  /// and those before a failure stay.
  func changeSchema<Result: Sendable>(
    _ change: SchemaChange, _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result?

  /// Throws a ``DatabaseError`` where the database cannot be written now: ``DatabaseError/unwritable(_:)`` for a disk
  /// that is full or read-only, ``DatabaseError/unavailable(_:)`` for a server that takes no writes. It costs the same
  /// whatever is stored, and does not wait for writes that are under way.
  func checkWritable() async throws

  /// Ends what is kept open, when what runs on it is done. Nothing can be read or written afterwards.
  func shutDown() async
}

extension Database {
  /// Begins a write.
  public func checkWritable() async throws {
    try await write(isolation: .readCommitted) { _ = try $0.query("SELECT 1 AS one") }
  }

  /// Nothing needs to be ended.
  public func shutDown() async {}

  /// Relies on ``write(_:)``, where one write runs at a time.
  public func changeSchema<Result: Sendable>(
    _ change: SchemaChange, _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result? {
    try await write(body)
  }

  /// Keeps writes apart as far as ``write(_:)`` does, which is never too little.
  public func write<Result: Sendable>(
    isolation: Isolation, _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result {
    try await write(body)
  }

  /// Relies on ``write(_:)``, where one write runs at a time.
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

  /// Runs a statement and hands over its rows one by one, without keeping them.
  func forEach(_ sql: SQL, _ body: (Row) throws -> Void) throws

  /// Runs a statement and returns how many rows it changed.
  @discardableResult
  func execute(_ sql: SQL) throws -> Int

  /// Prepares a statement for many executions. The values in `sql` only mark the places of each execution's own.
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
  /// A database across a network sends many executions before it waits for an answer. The first failure ends it.
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
