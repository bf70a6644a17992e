import Storage
import Values

extension VectorColumn {
  /// How many embeddings are read at once.
  private static let page = 500

  /// Turns a column of bytes into one of vectors with an index, for a server that has got pgvector since. Returns false
  /// where there is nothing to do.
  ///
  /// Throws a ``DatabaseError`` that says what an operator must do where the server or the role does not allow it.
  static func adopt(in transaction: any Transaction) throws -> Bool {
    guard transaction.dialect == .postgresql, try present(in: transaction) == .bytes else { return false }
    guard try prepared(in: transaction) == .pgvector else {
      throw DatabaseError.failed(
        "embeddings stay bytes: install pgvector on the server (on Debian the package postgresql-NN-pgvector, NN being the "
          + "server's release), have a superuser run 'CREATE EXTENSION vector' in this database, and run this again")
    }
    try transaction.execute(
      """
      CREATE TABLE adopted_embeddings (
        account_id \(type: .text), ad_id \(type: .text), \(vectorColumn: "embedding", dimensions: 384),
        PRIMARY KEY (account_id, ad_id)
      )
      """)
    try copy(in: transaction)
    // A column's new values are made by an expression, which may call a function but not ask a table.
    try transaction.execute(
      """
      CREATE FUNCTION adopted_embedding(account TEXT, ad TEXT) RETURNS vector LANGUAGE sql STABLE AS $$
        SELECT embedding FROM adopted_embeddings WHERE account_id = account AND ad_id = ad
      $$
      """)
    try transaction.execute(
      """
      ALTER TABLE winner_index DROP CONSTRAINT winner_index_embedding_check,
        ALTER COLUMN embedding TYPE vector(384) USING adopted_embedding(account_id, ad_id),
        ADD CONSTRAINT winner_index_embedding_check CHECK (vector_dims(embedding) = 384)
      """)
    try transaction.execute("DROP FUNCTION adopted_embedding(TEXT, TEXT)")
    try transaction.execute("DROP TABLE adopted_embeddings")
    try transaction.execute(nearestIndex)
    return true
  }

  private static func copy(in transaction: any Transaction) throws {
    let insert = try transaction.prepare(
      """
      INSERT INTO adopted_embeddings (account_id, ad_id, embedding)
      VALUES (\(SQLValue.null), \(SQLValue.null), \(SQLValue.null))
      """)
    var last = (account: "", ad: "")
    while true {
      let rows = try transaction.query(
        """
        SELECT account_id, ad_id, embedding FROM winner_index
        WHERE embedding IS NOT NULL AND (account_id, ad_id) > (\(last.account), \(last.ad))
        ORDER BY account_id, ad_id LIMIT \(page)
        """)
      let values = try rows.map { row in
        try WinnerRepository.table.read(row) { row -> [SQLValue] in
          [
            .text(try row.get("account_id")), .text(try row.get("ad_id")),
            .vector(try row.get("embedding", as: [Float].self)),
          ]
        }
      }
      try insert.execute(each: values)
      guard rows.count == page, let end = rows.last else { return }
      last = (try end.get("account_id"), try end.get("ad_id"))
    }
  }
}
