import Storage

/// The tables of funnel counts, which change with each deal in its own transaction.
package enum FunnelMigrations {
  package static let all = [
    Migration("0005_funnels") { dialect in
      [
        """
        CREATE TABLE funnel_states (
          account_id \(type: .text) PRIMARY KEY REFERENCES accounts (account_id) ON DELETE CASCADE,
          signature \(type: .text) NOT NULL
        )\(dialect.tableSuffix)
        """,
        """
        CREATE TABLE funnel_steps (
          account_id \(type: .text) NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
          ad_id \(type: .text) NOT NULL,
          step \(type: .integer) NOT NULL CHECK (step >= 0),
          entered_on \(type: .integer) NOT NULL,
          waiting \(type: .integer) NOT NULL,
          advanced \(type: .integer) NOT NULL,
          lost \(type: .integer) NOT NULL,
          PRIMARY KEY (account_id, ad_id, step, entered_on)
        )\(dialect.tableSuffix)
        """,
        """
        CREATE INDEX funnel_steps_come_to_nothing ON funnel_steps (account_id)
        WHERE waiting = 0 AND advanced = 0 AND lost = 0
        """,
        """
        CREATE TABLE funnel_logs (
          account_id \(type: .text) NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
          kind \(type: .text) NOT NULL CHECK (kind IN ('advance', 'loss', 'amount')),
          subject \(type: .text) NOT NULL,
          count \(type: .integer) NOT NULL,
          logs \(type: .integer) NOT NULL,
          squares \(type: .integer) NOT NULL,
          PRIMARY KEY (account_id, kind, subject)
        )\(dialect.tableSuffix)
        """,
        """
        CREATE TABLE restated_days (
          account_id \(type: .text) NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
          ad_id \(type: .text) NOT NULL,
          date \(type: .day) NOT NULL,
          import_id \(type: .integer) NOT NULL,
          impressions \(type: .integer) NOT NULL,
          clicks \(type: .integer) NOT NULL,
          spend \(type: .money) NOT NULL,
          leads \(type: .integer),
          PRIMARY KEY (account_id, ad_id, date, import_id)
        )\(dialect.tableSuffix)
        """,
        """
        ALTER TABLE account_configurations
        ADD COLUMN exploration \(type: .double) NOT NULL DEFAULT 0.5 CHECK (exploration BETWEEN 0 AND 1)
        """,
        """
        ALTER TABLE account_configurations
        ADD COLUMN stage_values \(type: .text) NOT NULL DEFAULT 'learned'
          CHECK (stage_values IN ('learned', 'configured'))
        """,
      ]
    }
  ]
}
