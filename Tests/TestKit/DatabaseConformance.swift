import Storage
import Testing
import Values

/// What every driver of ``Database`` must do, as checks that know only the protocol.
///
///     @Test(arguments: DatabaseConformance.cases)
///     func conforms(_ check: DatabaseConformanceCase) async throws {
///       try await withFreshDatabase { try await check.run($0) }
///     }
package enum DatabaseConformance {
  /// All checks. Each takes a database of its own, without any table.
  package static let cases: [DatabaseConformanceCase] =
    values + statements + prepared + results + transactions + failures + concurrency + migrations

  /// Makes `samples (id, sample)`, where `sample` is of `type` and may be null.
  static func makeSamples(of type: ColumnType, on database: any Database) async throws {
    _ = try await database.write { transaction in
      try transaction.execute(
        "CREATE TABLE samples (id \(type: .integer) PRIMARY KEY, sample \(type: type))\(transaction.dialect.tableSuffix)"
      )
    }
  }

  /// Makes `items (id, name, quantity)` with a unique name and a quantity that is not negative.
  static func makeItems(on database: any Database) async throws {
    _ = try await database.write { transaction in
      try transaction.execute(
        """
        CREATE TABLE items (
          id \(type: .integer) PRIMARY KEY,
          name \(type: .text) NOT NULL UNIQUE,
          quantity \(type: .integer) NOT NULL CHECK (quantity >= 0)
        )\(transaction.dialect.tableSuffix)
        """)
    }
  }

  /// Inserts items 1, 2, ... called a, b, ... with the given quantities.
  static func insertItems(_ quantities: [Int], on database: any Database) async throws {
    _ = try await database.write { transaction in
      for (name, (index, quantity)) in zip("abcdefghijklmnopqrstuvwxyz", quantities.enumerated()) {
        try transaction.execute(
          "INSERT INTO items (id, name, quantity) VALUES (\(index + 1), \(String(name)), \(quantity))")
      }
    }
  }

  /// The quantities of all items by their ids.
  static func quantities(on database: any Database) async throws -> [Int] {
    try await database.read { transaction in
      try transaction.query("SELECT quantity FROM items ORDER BY id").map { try $0.get("quantity") }
    }
  }

  /// How many rows `table` has.
  static func count(_ table: SQL, in transaction: any Transaction) throws -> Int {
    try #require(try transaction.first("SELECT COUNT(*) AS n FROM \(table)")).get("n")
  }
}

/// One check of a driver.
package struct DatabaseConformanceCase: Sendable, CustomTestStringConvertible {
  /// What is checked, in words.
  package let name: String

  /// Whether it needs a session of the server's for several transactions, which a pooler of transactions does not give.
  package let needsSession: Bool

  /// Runs the check on a fresh, empty database.
  package let run: @Sendable (any Database) async throws -> Void

  init(
    _ name: String, needsSession: Bool = false, _ run: @escaping @Sendable (any Database) async throws -> Void
  ) {
    self.name = name
    self.needsSession = needsSession
    self.run = run
  }

  /// What is checked, in words.
  package var testDescription: String { name }
}

/// An error that no database raises.
struct OwnError: Error, Equatable {
  let number: Int
}

/// The sort of a ``DatabaseError``, its detail left aside: details are each database's own words.
enum FailureKind: Equatable {
  case unique, foreignKey, check, busy, unavailable, unwritable, unreadable, schema, failed

  init(_ error: DatabaseError) {
    self =
      switch error {
      case .uniqueViolation: .unique
      case .foreignKeyViolation: .foreignKey
      case .checkViolation: .check
      case .busy: .busy
      case .unavailable: .unavailable
      case .unwritable: .unwritable
      case .unreadableColumn: .unreadable
      case .schemaMismatch: .schema
      case .failed: .failed
      }
  }

  /// The sort of the ``DatabaseError`` that `body` throws; nil where it throws none, or an error of another type.
  static func of(_ body: () throws -> Void) -> FailureKind? {
    do {
      try body()
      return nil
    } catch {
      return (error as? DatabaseError).map(FailureKind.init)
    }
  }

  /// The same for work that waits.
  static func awaiting(_ body: () async throws -> Void) async -> FailureKind? {
    do {
      try await body()
      return nil
    } catch {
      return (error as? DatabaseError).map(FailureKind.init)
    }
  }
}
