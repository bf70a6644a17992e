import Accounts
import Storage

/// The tables of connections with Meta, and of the data read from there.
package enum MetaMigrations {
  package static let all = [
    Migration("0030_meta") { dialect in
      [
        """
        CREATE TABLE meta_connections (
          account_id \(type: .text) PRIMARY KEY REFERENCES accounts (account_id) ON DELETE CASCADE,
          ad_account \(type: .text) NOT NULL CHECK (length(ad_account) BETWEEN 1 AND 32),
          token_source \(type: .text) NOT NULL CHECK (token_source IN ('account', 'shared', 'stored')),
          sealed_token \(type: .text),
          connected_at \(type: .instant) NOT NULL,
          verified_at \(type: .instant),
          name \(type: .text),
          currency \(type: .text),
          timezone \(type: .text),
          status \(type: .integer),
          min_daily_budget \(type: .integer),
          spend_cap \(type: .integer),
          user_tasks \(type: .text),
          scopes \(type: .text),
          token_expires_at \(type: .instant),
          tier \(type: .text),
          token_checked_at \(type: .instant),
          objects_read_at \(type: .instant),
          synced_at \(type: .instant),
          synced_until \(type: .day),
          problem \(type: .text) CHECK (length(problem) <= 1000),
          CHECK ((token_source = 'stored') = (sealed_token IS NOT NULL))
        )\(dialect.tableSuffix)
        """,
        """
        CREATE UNIQUE INDEX meta_connections_by_ad_account ON meta_connections (ad_account)
        WHERE verified_at IS NOT NULL
        """,
        """
        CREATE TABLE ad_objects (
          account_id \(type: .text) NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
          kind \(type: .text) NOT NULL CHECK (kind IN ('campaign', 'ad_set', 'ad')),
          object_id \(type: .text) NOT NULL CHECK (length(object_id) BETWEEN 1 AND 32),
          campaign_id \(type: .text),
          ad_set_id \(type: .text),
          name \(type: .text) NOT NULL,
          status \(type: .text) NOT NULL,
          effective_status \(type: .text),
          daily_budget \(type: .integer) CHECK (daily_budget > 0),
          lifetime_budget \(type: .integer) CHECK (lifetime_budget > 0),
          has_budget_schedules \(type: .bool) NOT NULL,
          budget_schedules \(type: .json) NOT NULL,
          shares_budgets \(type: .bool) NOT NULL,
          spend_cap \(type: .integer),
          learning_stage \(type: .text),
          learning_conversions \(type: .integer),
          learning_edit_at \(type: .instant),
          starts_at \(type: .instant),
          ends_at \(type: .instant),
          updated_at \(type: .instant),
          changed_at \(type: .instant) NOT NULL,
          PRIMARY KEY (account_id, kind, object_id),
          CHECK ((kind = 'campaign') = (campaign_id IS NULL)),
          CHECK ((kind = 'ad') = (ad_set_id IS NOT NULL)),
          CHECK (kind <> 'ad' OR (daily_budget IS NULL AND lifetime_budget IS NULL))
        )\(dialect.tableSuffix)
        """,
        """
        CREATE TABLE insight_syncs (
          account_id \(type: .text) NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
          first_day \(type: .day) NOT NULL,
          last_day \(type: .day) NOT NULL CHECK (last_day >= first_day),
          state \(type: .text) NOT NULL CHECK (state IN ('waiting', 'ordered', 'done', 'failed')),
          report_id \(type: .text),
          attempts \(type: .integer) NOT NULL DEFAULT 0 CHECK (attempts >= 0),
          row_count \(type: .integer) NOT NULL DEFAULT 0 CHECK (row_count >= 0),
          read_as \(type: .text) NOT NULL,
          problem \(type: .text) CHECK (length(problem) <= 1000),
          updated_at \(type: .instant) NOT NULL,
          PRIMARY KEY (account_id, first_day),
          CHECK ((state = 'ordered') = (report_id IS NOT NULL))
        )\(dialect.tableSuffix)
        """,
      ] + RowSecurityMigrations.walls(dialect)
    }
  ]
}
