import Values

/// One migration of the schema. One that has shipped never changes; a change is a new migration.
public struct Migration: Sendable {
  private enum Work: Sendable {
    case statements(@Sendable (Dialect) -> [SQL])
    case program(version: String, @Sendable (any Transaction) throws -> Void)
  }

  /// A name that sorts in the order in which migrations are applied, such as `0001_accounts`.
  public let id: String
  /// What kind of transaction the migration runs in.
  public let change: SchemaChange
  private let work: Work

  /// Takes the migration's statements as a function of the dialect.
  ///
  /// A migration of the kind ``SchemaChange/outsideTransaction`` may be interrupted after any of its statements, and is
  /// then run again from the start: first drop with `IF EXISTS` what an earlier run may have left, then create it.
  public init(
    _ id: String, _ change: SchemaChange = .together, statements: @escaping @Sendable (Dialect) -> [SQL]
  ) {
    self.id = id
    self.change = change
    work = .statements(statements)
  }

  /// Takes a migration written in Swift, such as one that rewrites values in a way that SQL cannot.
  ///
  /// The code of `apply` and of everything it calls must not change after it has shipped, and no checksum can detect
  /// that it has. `version` describes what it does, is stored as the checksum and never changes. `apply` may run
  /// several times: it changes nothing but the database.
  public init(_ id: String, version: String, apply: @escaping @Sendable (any Transaction) throws -> Void) {
    self.id = id
    change = .together
    work = .program(version: version, apply)
  }

  /// The statements as this database takes them; for a migration written in Swift, a comment that says so.
  func script(for dialect: Dialect) -> [String] {
    switch work {
    case .statements(let statements): statements(dialect).map { $0.text(dialect) }
    case .program(let version, _): ["-- not SQL, but a function of the program: \(version)"]
    }
  }

  func apply(in transaction: any Transaction) throws {
    switch work {
    case .statements(let statements):
      for statement in statements(transaction.dialect) { try transaction.execute(statement) }
    case .program(_, let apply): try apply(transaction)
    }
  }

  /// Tells whether a migration is still the one that was applied: FNV-1a over the text of its statements, or the stated
  /// version of a migration written in Swift.
  public func checksum(for dialect: Dialect) -> String {
    if case .program(let version, _) = work { return version }
    let text = script(for: dialect).joined(separator: ";\n")
    let hash = text.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    return String(hash, radix: 16)
  }
}

/// What kind of transaction a change of the schema runs in.
public enum SchemaChange: Sendable, CaseIterable {
  /// A transaction that it may share with the changes before and after it.
  case together
  /// A transaction of its own in which SQLite checks foreign keys only before the commit.
  ///
  /// SQLite can alter only a few things about a table. For anything else a new table is created under another name,
  /// filled, and renamed to replace the old one; with foreign keys checked at once, dropping the old one would delete
  /// the rows that refer to it.
  case rebuild
  /// No transaction, for PostgreSQL statements such as `CREATE INDEX CONCURRENTLY`, which let others write meanwhile.
  /// SQLite runs the migration in a transaction.
  case outsideTransaction
}
