import Database

/// The tables of ads' daily figures, their totals and the files they came from.
enum AdMigrations {
  static let all = [
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
}
