import Values

/// Brings a database's schema up to date.
public struct Migrator: Sendable {
  /// In the order in which they are applied.
  public let migrations: [Migration]

  /// How long to wait before checking again whether another process has finished.
  private static let pause = Duration.milliseconds(100)

  /// Takes all migrations, oldest first.
  public init(_ migrations: [Migration]) {
    self.migrations = migrations
  }

  /// The status of each migration in `database`, which is only read.
  ///
  /// Throws ``DatabaseError/schemaMismatch(_:)`` where an applied migration is unknown here or has been altered since.
  public func status(of database: any Database) async throws -> [MigrationStatus] {
    try await database.read { transaction in
      guard try transaction.first(transaction.dialect.migrationsTableQuery) != nil else {
        return migrations.map { MigrationStatus($0, transaction.dialect, appliedAt: nil) }
      }
      return try status(in: transaction)
    }
  }

  /// Applies the missing migrations, and returns their names. Several processes may do so at once: one applies them,
  /// and the others wait for it.
  ///
  /// Consecutive migrations of the kind ``SchemaChange/together`` share one transaction; any other migration is
  /// committed on its own. Where one fails or the process ends, those that were committed stay, and the next run
  /// continues from there. Throws ``DatabaseError/schemaMismatch(_:)`` where an applied migration is unknown here or
  /// has been altered since.
  @discardableResult
  public func migrate(_ database: any Database, at now: Instant) async throws -> [String] {
    var applied: [String] = []
    // A role that is not allowed to change the schema can use one that is up to date.
    while let group = nextGroup(of: try await status(of: database)), let first = group.first {
      let names = try await database.changeSchema(first.change) { transaction in
        try apply(group, in: transaction, at: now)
      }
      if let names { applied += names } else { try await Task.sleep(for: Self.pause) }
    }
    return applied
  }

  /// The missing migrations that are applied next, in one transaction unless they run outside one; nil where none is
  /// missing.
  private func nextGroup(of statuses: [MigrationStatus]) -> [Migration]? {
    let missing = Set(statuses.filter { !$0.isApplied }.map(\.id))
    let rest = migrations.filter { missing.contains($0.id) }
    guard let first = rest.first else { return nil }
    return first.change == .together ? Array(rest.prefix { $0.change == .together }) : [first]
  }

  /// Applies those of `group` that no other process has applied meanwhile, and returns their names.
  private func apply(_ group: [Migration], in transaction: any Transaction, at now: Instant) throws -> [String] {
    try transaction.execute(
      """
      CREATE TABLE IF NOT EXISTS schema_migrations (
        id \(type: .text) PRIMARY KEY,
        checksum \(type: .text) NOT NULL,
        applied_at \(type: .instant) NOT NULL
      )\(transaction.dialect.tableSuffix)
      """)
    let missing = Set(try status(in: transaction).filter { !$0.isApplied }.map(\.id))
    let steps = group.filter { missing.contains($0.id) }
    for step in steps {
      try step.apply(in: transaction)
      try transaction.execute(
        """
        INSERT INTO schema_migrations (id, checksum, applied_at)
        VALUES (\(step.id), \(step.checksum(for: transaction.dialect)), \(now))
        """)
    }
    return steps.map(\.id)
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

/// The status of a migration in a database.
public struct MigrationStatus: Sendable {
  /// The step's name.
  public let id: String
  /// When it was applied; nil where it is missing.
  public let appliedAt: Instant?
  /// Its statements, as this database takes them.
  public let statements: [String]

  init(_ migration: Migration, _ dialect: Dialect, appliedAt: Instant?) {
    id = migration.id
    self.appliedAt = appliedAt
    statements = migration.script(for: dialect)
  }

  /// Whether it was applied.
  public var isApplied: Bool { appliedAt != nil }
}
