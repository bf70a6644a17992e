import Accounts
import Storage

/// What bounds the tables: indexes by time, what is left of removed rows, and when retentions are due.
package enum RetentionMigrations {
  package static let all = [
    // No worker does jobs of these names any more: they would wait for ever and count against quotas.
    Migration("0022_no_orphan_jobs") { _ in
      [
        """
        DELETE FROM jobs
        WHERE name IN ('auto_index_winner', 'find_winners') AND state IN ('available', 'scheduled', 'running')
        """,
        "DELETE FROM schedules WHERE name = 'find_winners'",
      ]
    },
    Migration("0023_time_indexes") { _ in
      [
        "CREATE INDEX ad_daily_metrics_by_date ON ad_daily_metrics (account_id, date)",
        "CREATE INDEX restated_days_by_date ON restated_days (account_id, date)",
        "CREATE INDEX decisions_by_time ON decisions (account_id, decided_at, decision_id)",
        "CREATE INDEX clicks_by_time ON clicks (clicked_at)",
        "CREATE INDEX hubspot_deals_by_time ON hubspot_deals (worked_at)",
      ]
    },
    Migration("0024_retention") { dialect in
      [
        """
        ALTER TABLE accounts ADD COLUMN decision_days \(type: .integer) NOT NULL DEFAULT 400
          CHECK (decision_days BETWEEN 1 AND 36500)
        """,
        """
        ALTER TABLE accounts ADD COLUMN decision_count \(type: .integer) NOT NULL DEFAULT 10000
          CHECK (decision_count BETWEEN 1 AND 1000000000)
        """,
        """
        CREATE TABLE removed_decisions (
          account_id \(type: .text) NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
          decision_id \(type: .text) NOT NULL,
          decided_at \(type: .instant) NOT NULL,
          author \(type: .text) NOT NULL,
          policy_version \(type: .text) NOT NULL,
          configuration_version \(type: .integer) NOT NULL,
          seed \(type: .integer) NOT NULL,
          total_budget \(type: .money) NOT NULL,
          result_sha256 \(type: .text) NOT NULL CHECK (length(result_sha256) = 64),
          removed_at \(type: .instant) NOT NULL,
          PRIMARY KEY (account_id, decision_id)
        )\(dialect.tableSuffix)
        """,
        "CREATE INDEX removed_decisions_by_time ON removed_decisions (decided_at)",
        """
        CREATE TABLE retention_runs (
          name \(type: .text) PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 100),
          due_at \(type: .instant) NOT NULL,
          removed \(type: .integer) NOT NULL CHECK (removed >= 0),
          failures \(type: .integer) NOT NULL CHECK (failures >= 0)
        )\(dialect.tableSuffix)
        """,
      ] + ["ad_daily_metrics", "restated_days"].flatMap { knownAt($0, dialect) } + RowSecurityMigrations.walls(dialect)
    },
  ]

  /// When figures were first known to be what they are, in place of the time of the import that stated them last.
  private static func knownAt(_ table: String, _ dialect: Dialect) -> [SQL] {
    let start: SQL =
      switch dialect {
      case .sqlite: "0"
      case .postgresql: "'epoch'"
      }
    let table = SQL(stringLiteral: table)
    return [
      "ALTER TABLE \(table) ADD COLUMN known_at \(type: .instant) NOT NULL DEFAULT \(start)",
      """
      UPDATE \(table) SET known_at = COALESCE(
        (SELECT i.imported_at FROM imports i
          WHERE i.account_id = \(table).account_id AND i.import_id = \(table).import_id), known_at)
      """,
    ]
  }
}
