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

  /// How each step stands in `database`, which is only read.
  ///
  /// Throws ``DatabaseError/schemaMismatch(_:)`` where an applied step is unknown here or was altered since.
  public func status(of database: any Database) async throws -> [MigrationStatus] {
    try await database.read { transaction in
      guard try transaction.first(transaction.dialect.migrationsTableQuery) != nil else {
        return migrations.map { MigrationStatus($0, transaction.dialect, appliedAt: nil) }
      }
      return try status(in: transaction)
    }
  }

  /// Applies the steps that are missing, all in one transaction, and returns their names.
  ///
  /// Throws ``DatabaseError/schemaMismatch(_:)`` where an applied step is unknown here or was altered since.
  @discardableResult
  public func migrate(_ database: any Database, at now: Instant) async throws -> [String] {
    // A role that may not change the schema can use one that is up to date.
    guard try await status(of: database).contains(where: { !$0.isApplied }) else { return [] }
    // Each statement has to see what the process that held the lock before has committed.
    return try await database.write(isolation: .readCommitted) { transaction in
      if let lock = transaction.dialect.migrationLock { _ = try transaction.query(lock) }
      try transaction.execute(
        """
        CREATE TABLE IF NOT EXISTS schema_migrations (
          id \(type: .text) PRIMARY KEY,
          checksum \(type: .text) NOT NULL,
          applied_at \(type: .instant) NOT NULL
        )\(transaction.dialect.tableSuffix)
        """)
      let missing = Set(try status(in: transaction).filter { !$0.isApplied }.map(\.id))
      for migration in migrations where missing.contains(migration.id) {
        for statement in migration.statements(for: transaction.dialect) { try transaction.execute(statement) }
        try transaction.execute(
          """
          INSERT INTO schema_migrations (id, checksum, applied_at)
          VALUES (\(migration.id), \(migration.checksum(for: transaction.dialect)), \(now))
          """)
      }
      return migrations.map(\.id).filter(missing.contains)
    }
  }

  private func status(in transaction: any Transaction) throws -> [MigrationStatus] {
    var appliedAt: [String: Instant] = [:]
    for row in try transaction.query("SELECT id, checksum, applied_at FROM schema_migrations ORDER BY id") {
      let id: String = try row.get("id")
      guard let known = migrations.first(where: { $0.id == id }) else {
        throw DatabaseError.schemaMismatch("it has the step \(id), which this program does not know")
      }
      guard try row.get("checksum") == known.checksum(for: transaction.dialect) else {
        throw DatabaseError.schemaMismatch("the step \(id) was altered after it had been applied")
      }
      appliedAt[id] = try row.get("applied_at")
    }
    return migrations.map { MigrationStatus($0, transaction.dialect, appliedAt: appliedAt[$0.id]) }
  }
}

/// How a step stands in a database.
public struct MigrationStatus: Sendable {
  /// The step's name.
  public let id: String
  /// When it was applied; nil for one that is missing.
  public let appliedAt: Instant?
  /// Its statements, as this database takes them.
  public let statements: [String]

  init(_ migration: Migration, _ dialect: Dialect, appliedAt: Instant?) {
    id = migration.id
    self.appliedAt = appliedAt
    statements = migration.statements(for: dialect).map { $0.text(dialect) }
  }

  /// Whether it was applied.
  public var isApplied: Bool { appliedAt != nil }
}
