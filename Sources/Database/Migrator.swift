import Values

/// One step of the schema. A step that has shipped never changes; a change is a new step.
public struct Migration: Sendable {
  /// A name that sorts in the order of the steps, such as `0001_accounts`.
  public let id: String
  private let statements: @Sendable (Dialect) -> [SQL]

  /// Takes the step's statements as a function of the dialect.
  public init(_ id: String, statements: @escaping @Sendable (Dialect) -> [SQL]) {
    self.id = id
    self.statements = statements
  }

  func statements(for dialect: Dialect) -> [SQL] {
    statements(dialect)
  }

  /// FNV-1a over the statements' text: tells whether a step is still the one that was applied.
  func checksum(for dialect: Dialect) -> String {
    let text = statements(dialect).map { $0.text(dialect) }.joined(separator: ";\n")
    let hash = text.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    return String(hash, radix: 16)
  }
}

/// Brings a database's schema up to date.
public struct Migrator: Sendable {
  /// The steps, in their order.
  public let migrations: [Migration]

  /// Takes all steps, oldest first.
  public init(_ migrations: [Migration]) {
    self.migrations = migrations
  }

  /// Applies the steps that are missing, all in one transaction, and returns their names.
  ///
  /// Throws ``DatabaseError/schemaMismatch(_:)`` where an applied step is unknown here or was altered since.
  @discardableResult
  public func migrate(_ database: any Database, at now: Instant) async throws -> [String] {
    try await database.write { transaction in
      try transaction.execute(
        """
        CREATE TABLE IF NOT EXISTS schema_migrations (
          id \(type: .text) PRIMARY KEY,
          checksum \(type: .text) NOT NULL,
          applied_at \(type: .instant) NOT NULL
        )\(transaction.dialect.tableSuffix)
        """)
      let missing = try missingMigrations(in: transaction)
      for migration in missing {
        for statement in migration.statements(for: transaction.dialect) { try transaction.execute(statement) }
        try transaction.execute(
          """
          INSERT INTO schema_migrations (id, checksum, applied_at)
          VALUES (\(migration.id), \(migration.checksum(for: transaction.dialect)), \(now))
          """)
      }
      return missing.map(\.id)
    }
  }

  private func missingMigrations(in transaction: any Transaction) throws -> [Migration] {
    var missing = migrations
    for row in try transaction.query("SELECT id, checksum FROM schema_migrations ORDER BY id") {
      let id: String = try row.get("id")
      guard let known = missing.firstIndex(where: { $0.id == id }) else {
        throw DatabaseError.schemaMismatch("it has the step \(id), which this program does not know")
      }
      guard try row.get("checksum") == missing[known].checksum(for: transaction.dialect) else {
        throw DatabaseError.schemaMismatch("the step \(id) was altered after it had been applied")
      }
      missing.remove(at: known)
    }
    return missing
  }
}
