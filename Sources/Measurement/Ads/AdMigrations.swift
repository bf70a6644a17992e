import Accounts
import Storage

/// The tables of ads' daily figures, their totals and the files they came from.
package enum AdMigrations {
  package static let all = [
    Migration("0002_ads") { dialect in
      [
        """
        CREATE TABLE imports (
          account_id \(type: .text) NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
          import_id \(type: .integer) NOT NULL CHECK (import_id > 0),
          source \(type: .text) NOT NULL,
          file_name \(type: .text) NOT NULL,
          imported_at \(type: .instant) NOT NULL,
          PRIMARY KEY (account_id, import_id)
        )\(dialect.tableSuffix)
        """,
        """
        CREATE TABLE ad_daily_metrics (
          account_id \(type: .text) NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
          ad_id \(type: .text) NOT NULL CHECK (length(ad_id) BETWEEN 1 AND 128),
          date \(type: .day) NOT NULL,
          impressions \(type: .integer) NOT NULL CHECK (impressions >= 0),
          clicks \(type: .integer) NOT NULL CHECK (clicks BETWEEN 0 AND impressions),
          spend \(type: .money) NOT NULL CHECK (spend >= 0),
          reach \(type: .integer) CHECK (reach >= 0),
          frequency \(type: .double) CHECK (frequency >= 0),
          leads \(type: .integer) CHECK (leads >= 0),
          pipeline_value \(type: .money) CHECK (pipeline_value >= 0),
          cash_revenue \(type: .money) CHECK (cash_revenue >= 0),
          import_id \(type: .integer) NOT NULL,
          PRIMARY KEY (account_id, ad_id, date)
        )\(dialect.tableSuffix)
        """,
        """
        CREATE TABLE ad_states (
          account_id \(type: .text) NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
          ad_id \(type: .text) NOT NULL CHECK (length(ad_id) BETWEEN 1 AND 128),
          name \(type: .text),
          active \(type: .bool) NOT NULL,
          impressions \(type: .integer) NOT NULL CHECK (impressions >= 0),
          clicks \(type: .integer) NOT NULL CHECK (clicks BETWEEN 0 AND impressions),
          spend \(type: .money) NOT NULL CHECK (spend >= 0),
          reported_pipeline_value \(type: .money) NOT NULL CHECK (reported_pipeline_value >= 0),
          reported_cash_revenue \(type: .money) NOT NULL CHECK (reported_cash_revenue >= 0),
          deal_pipeline_value \(type: .money) NOT NULL CHECK (deal_pipeline_value >= 0),
          deal_cash_revenue \(type: .money) NOT NULL CHECK (deal_cash_revenue >= 0),
          first_day \(type: .day) NOT NULL,
          last_day \(type: .day) NOT NULL,
          PRIMARY KEY (account_id, ad_id)
        )\(dialect.tableSuffix)
        """,
      ]
    }
  ]
  /// Whether ads run, how old figures may be, and the last day of each ad's delivery.
  package static let delivery = [
    Migration("0020_ad_delivery") { dialect in
      [
        """
        CREATE TABLE ad_delivery (
          account_id \(type: .text) NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
          ad_id \(type: .text) NOT NULL CHECK (length(ad_id) BETWEEN 1 AND 128),
          source \(type: .text) NOT NULL CHECK (source IN ('person', 'file')),
          stated_at \(type: .instant) NOT NULL,
          state \(type: .text) NOT NULL CHECK (state IN ('active', 'paused', 'ended')),
          as_of \(type: .day),
          stated_by \(type: .text) NOT NULL CHECK (length(stated_by) BETWEEN 1 AND 256),
          PRIMARY KEY (account_id, ad_id, source, stated_at),
          CHECK ((source = 'file') = (as_of IS NOT NULL))
        )\(dialect.tableSuffix)
        """,
        "ALTER TABLE ad_states ADD COLUMN last_delivery \(type: .day)",
        """
        UPDATE ad_states SET last_delivery = (
          SELECT MAX(m.date) FROM ad_daily_metrics m
          WHERE m.account_id = ad_states.account_id AND m.ad_id = ad_states.ad_id
            AND (m.impressions > 0 OR m.spend > 0))
        """,
        "ALTER TABLE ad_states DROP COLUMN active",
        "CREATE INDEX deals_by_entry ON deals (account_id, stage_entered_at)",
        """
        ALTER TABLE account_configurations ADD COLUMN figures_warning_days \(type: .integer) NOT NULL DEFAULT 3
          CHECK (figures_warning_days BETWEEN 0 AND 36500)
        """,
        """
        ALTER TABLE account_configurations ADD COLUMN figures_limit_days \(type: .integer) NOT NULL DEFAULT 14
          CHECK (figures_limit_days BETWEEN 0 AND 36500)
        """,
      ] + RowSecurityMigrations.walls(dialect)
    }
  ]
}
