import Accounts
import Storage

/// The table of winners.
package enum WinnerMigrations {
  package static let all = [
    // Not SQL alone: whether PostgreSQL takes vectors is seen when the step runs.
    Migration("0034_winners", version: "1") { transaction in
      let kind = try VectorColumn.prepared(in: transaction)
      let dialect = transaction.dialect
      for statement in [table(kind, dialect)] + indexes { try transaction.execute(statement) }
      if kind == .pgvector { try transaction.execute(VectorColumn.nearestIndex) }
      for wall in RowSecurityMigrations.walls(dialect) { try transaction.execute(wall) }
    }
  ]

  private static func table(_ kind: VectorColumn, _ dialect: Dialect) -> SQL {
    """
    CREATE TABLE winner_index (
      account_id \(type: .text) NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
      ad_id \(type: .text) NOT NULL CHECK (length(ad_id) BETWEEN 1 AND 128),
      number \(type: .integer) NOT NULL CHECK (number > 0),
      reason \(type: .text) NOT NULL CHECK (reason IN ('roas', 'ctr', 'roas_and_ctr', 'hand')),
      won_at \(type: .instant) NOT NULL,
      lost_at \(type: .instant),
      impressions \(type: .integer) CHECK (impressions >= 0),
      clicks \(type: .integer) CHECK (clicks >= 0),
      spend \(type: .money) CHECK (spend >= 0),
      pipeline_value \(type: .money) CHECK (pipeline_value >= 0),
      ctr \(type: .double) CHECK (ctr >= 0),
      pipeline_roas \(type: .double) CHECK (pipeline_roas >= 0),
      model \(type: .text) CHECK (length(model) BETWEEN 1 AND 200),
      dimension \(type: .integer) CHECK (dimension > 0),
      text_version \(type: .integer) CHECK (text_version > 0),
      text_hash \(type: .text) CHECK (length(text_hash) = 64),
      \(kind.definition(dialect)),
      problem \(type: .text) CHECK (length(problem) BETWEEN 1 AND 2000),
      created_at \(type: .instant) NOT NULL,
      updated_at \(type: .instant) NOT NULL,
      change \(type: .integer) NOT NULL CHECK (change > 0),
      PRIMARY KEY (account_id, ad_id),
      CHECK ((model IS NULL) = (dimension IS NULL) AND (model IS NULL) = (text_version IS NULL)
        AND (model IS NULL) = (text_hash IS NULL)),
      CHECK (embedding IS NULL OR model IS NOT NULL),
      CHECK (embedding IS NULL OR problem IS NULL)
    )\(dialect.tableSuffix)
    """
  }

  private static let indexes: [SQL] = [
    "CREATE UNIQUE INDEX winner_index_by_number ON winner_index (account_id, number)",
    "CREATE UNIQUE INDEX winner_index_by_change ON winner_index (account_id, change)",
  ]
}
