extension Migration {
  /// A migration after which the database accepts vectors: PostgreSQL needs its extension `vector` for them.
  ///
  /// Throws ``DatabaseError/failed(_:)`` with what an operator must do where the server lacks the extension, or the
  /// role is not allowed to create it.
  public static func vectors(_ id: String) -> Migration {
    Migration(id, version: "extension vector") { transaction in
      guard transaction.dialect == .postgresql,
        try transaction.first("SELECT 1 AS found FROM pg_extension WHERE extname = 'vector'") == nil
      else { return }
      guard try transaction.first("SELECT 1 AS found FROM pg_available_extensions WHERE name = 'vector'") != nil else {
        throw DatabaseError.failed(
          "vectors need PostgreSQL's extension pgvector, which its server does not have: install it there (on Debian the "
            + "package postgresql-NN-pgvector, NN being the server's release), and run this again")
      }
      do {
        try transaction.execute("CREATE EXTENSION vector")
      } catch let error as DatabaseError {
        throw DatabaseError.failed(
          "vectors need PostgreSQL's extension vector, and this role may not create it: have a superuser run 'CREATE "
            + "EXTENSION vector' in this database once, and run this again (\(error))")
      }
    }
  }
}
