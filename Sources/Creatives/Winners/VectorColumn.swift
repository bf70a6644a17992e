import Storage

/// How the embeddings of winners are stored, which decides who can compare them.
package enum VectorColumn: String, Sendable {
  /// As bytes: this program alone compares them.
  case bytes
  /// As vectors of PostgreSQL's extension pgvector, which finds close ones by an index of its own.
  case pgvector

  /// How many numbers an embedding has.
  package static let dimension = 384

  /// How the column stands in the database.
  static func present(in transaction: any Transaction) throws -> VectorColumn {
    switch transaction.dialect {
    case .sqlite: .bytes
    case .postgresql:
      try transaction.first(
        """
        SELECT 1 AS found FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
        WHERE a.attrelid = to_regclass('winner_index') AND a.attname = 'embedding' AND t.typname = 'vector'
        """) == nil ? .bytes : .pgvector
    }
  }

  /// How a new column is made: as vectors where the database takes them by now, or lets this role make the extension that
  /// does. A server without it, or one that refuses, keeps bytes, with which everything but pgvector's own search works.
  static func prepared(in transaction: any Transaction) throws -> VectorColumn {
    guard transaction.dialect == .postgresql else { return .bytes }
    if try transaction.first("SELECT 1 AS found FROM pg_available_extensions WHERE name = 'vector'") != nil {
      // A block of its own, so that a refusal undoes no more than itself.
      try transaction.execute(
        """
        DO $vector$
        BEGIN
          CREATE EXTENSION IF NOT EXISTS vector;
        EXCEPTION WHEN OTHERS THEN
          RAISE NOTICE 'the extension vector cannot be made: %', SQLERRM;
        END
        $vector$
        """)
    }
    let exists = try transaction.first("SELECT 1 AS found FROM pg_extension WHERE extname = 'vector'") != nil
    return exists ? .pgvector : .bytes
  }

  /// The column with its rule.
  func definition(_ dialect: Dialect) -> SQL {
    switch (self, dialect) {
    case (.bytes, .postgresql): "embedding \(type: .bytes) CHECK (length(embedding) = 1536)"
    case (.bytes, .sqlite), (.pgvector, _): "\(vectorColumn: "embedding", dimensions: 384)"
    }
  }

  /// Makes pgvector's index, by which it finds close embeddings.
  static let nearestIndex: SQL =
    """
    CREATE INDEX winner_index_by_embedding ON winner_index USING hnsw (embedding vector_cosine_ops)
    WITH (m = 16, ef_construction = 64)
    """

  /// An embedding as the column takes it.
  func value(of embedding: [Float]?) -> SQLValue {
    guard let embedding else { return .null }
    return switch self {
    case .bytes: .bytes(VectorBytes.bytes(of: embedding))
    case .pgvector: .vector(embedding)
    }
  }
}
