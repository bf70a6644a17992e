import Storage
import Values

/// The SQL of the progress of reading accounts' past.
struct InsightSyncRepository {
  /// The account's parts, the latest first.
  func all(of account: AccountID, in transaction: any Transaction) throws -> [InsightChunk] {
    try transaction.query(
      "SELECT * FROM insight_syncs WHERE account_id = \(account) ORDER BY first_day DESC"
    ).map { row in
      guard let state = InsightChunk.State(rawValue: try row.get("state")) else {
        throw DatabaseError.unreadableColumn("state")
      }
      var chunk = InsightChunk(
        first: try row.get("first_day"), last: try row.get("last_day"), readAs: try row.get("read_as"))
      chunk.state = state
      chunk.reportID = try row.getOptional("report_id")
      chunk.attempts = try row.get("attempts")
      chunk.rows = try row.get("row_count")
      chunk.problem = try row.getOptional("problem")
      chunk.updatedAt = try row.get("updated_at")
      return chunk
    }
  }

  /// Stores the current state of parts.
  func save(
    _ chunks: [InsightChunk], of account: AccountID, at now: Instant, in transaction: any Transaction
  ) throws {
    for chunk in chunks {
      try transaction.execute(
        """
        INSERT INTO insight_syncs (
          account_id, first_day, last_day, state, report_id, attempts, row_count, read_as, problem, updated_at)
        VALUES (
          \(account), \(chunk.first), \(chunk.last), \(chunk.state.rawValue), \(chunk.reportID.sqlValue),
          \(chunk.attempts), \(chunk.rows), \(chunk.readAs), \(chunk.problem.sqlValue), \(now))
        ON CONFLICT (account_id, first_day) DO UPDATE SET
          last_day = excluded.last_day, state = excluded.state, report_id = excluded.report_id,
          attempts = excluded.attempts, row_count = excluded.row_count, read_as = excluded.read_as,
          problem = excluded.problem, updated_at = excluded.updated_at
        """)
    }
  }

  func removeAll(of account: AccountID, in transaction: any Transaction) throws {
    try transaction.execute("DELETE FROM insight_syncs WHERE account_id = \(account)")
  }
}
