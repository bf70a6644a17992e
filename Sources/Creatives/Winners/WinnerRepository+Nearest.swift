import Storage
import Values

extension WinnerRepository {
  /// What a search in the database is for.
  struct Nearness: Sendable {
    let embedding: [Float]
    let model: String
    let limit: Int
    let filter: WinnerFilter
    /// An ad that is not to be found.
    let except: AdID?
  }

  /// How many candidates pgvector's index follows at once: more find more of the closest, and take longer.
  private static let breadth = 200

  /// The closest winners by pgvector, closest first and those equally close by number.
  ///
  /// Its index knows nothing of accounts and filters, which leave out what it finds. From release 0.8 on it goes on until
  /// there is enough; where that ends too early, all of the account's winners are compared.
  func nearest(
    _ nearness: Nearness, of account: AccountID, in transaction: any Transaction
  ) throws -> [(adID: AdID, similarity: Float)] {
    _ = try transaction.query(
      """
      SELECT set_config('hnsw.ef_search', \("\(Self.breadth)"), true),
        CASE WHEN string_to_array(extversion, '.')::int[] >= ARRAY[0, 8]
          THEN set_config('hnsw.iterative_scan', 'strict_order', true) END
      FROM pg_extension WHERE extname = 'vector'
      """)
    let found = try nearest(nearness, by: Self.byIndex(nearness, of: account), in: transaction)
    guard found.count < nearness.limit else { return found }
    return try nearest(nearness, by: Self.byComparing(nearness, of: account), in: transaction)
  }

  private func nearest(
    _ nearness: Nearness, by statement: SQL, in transaction: any Transaction
  ) throws -> [(adID: AdID, similarity: Float)] {
    try transaction.query(statement).map { row in
      try Self.table.read(row) {
        (adID: try $0.get("ad_id"), similarity: Float(1 - (try $0.get("distance", as: Double.self))))
      }
    }
  }

  /// The statement that pgvector's index serves.
  static func byIndex(_ nearness: Nearness, of account: AccountID) -> SQL {
    """
    SELECT account_id, ad_id, distance FROM (
      SELECT account_id, ad_id, number, embedding <=> \(nearness.embedding) AS distance FROM winner_index
      WHERE \(passing(nearness, of: account))
      ORDER BY embedding <=> \(nearness.embedding) LIMIT \(nearness.limit)) AS nearest
    ORDER BY distance, number
    """
  }

  /// The statement that compares all: what is ordered by is no distance that the index knows.
  static func byComparing(_ nearness: Nearness, of account: AccountID) -> SQL {
    """
    SELECT account_id, ad_id, (embedding <=> \(nearness.embedding)) + 0 AS distance FROM winner_index
    WHERE \(passing(nearness, of: account))
    ORDER BY (embedding <=> \(nearness.embedding)) + 0, number LIMIT \(nearness.limit)
    """
  }

  private static func passing(_ nearness: Nearness, of account: AccountID) -> SQL {
    let except: SQL = nearness.except.map { " AND ad_id <> \($0)" } ?? ""
    return """
      account_id = \(account) AND model = \(nearness.model) AND embedding IS NOT NULL\(except)\
      \(nearness.filter.condition)
      """
  }
}
