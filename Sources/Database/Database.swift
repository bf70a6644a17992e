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
  /// When this returns, the changes are on disk.
  func write<Result: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result
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
}

extension Transaction {
  /// Runs a statement and returns its first row, if it has any.
  public func first(_ sql: SQL) throws -> Row? {
    try query(sql).first
  }
}
