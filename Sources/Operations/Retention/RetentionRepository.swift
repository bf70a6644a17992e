import Storage
import Values

/// The SQL of what retentions have removed and when they are due.
struct RetentionRepository {
  /// Postpones the retention's next run until `next` if it is due now. Returns whether it was: then this caller runs
  /// it.
  func claim(_ name: String, at now: Instant, next: Instant, in transaction: any Transaction) throws -> Bool {
    try transaction.execute(
      """
      INSERT INTO retention_runs (name, due_at, removed, failures) VALUES (\(name), \(next), 0, 0)
      ON CONFLICT (name) DO UPDATE SET due_at = excluded.due_at WHERE retention_runs.due_at <= \(now)
      """) > 0
  }

  func add(_ name: String, removed: Int, failures: Int, in transaction: any Transaction) throws {
    try transaction.execute(
      """
      UPDATE retention_runs SET removed = removed + \(removed), failures = failures + \(failures)
      WHERE name = \(name)
      """)
  }

  func totals(in transaction: any Transaction) throws -> [RetentionTotal] {
    try transaction.query("SELECT name, removed, failures FROM retention_runs ORDER BY name").map {
      RetentionTotal(name: try $0.get("name"), removed: try $0.get("removed"), failures: try $0.get("failures"))
    }
  }
}
