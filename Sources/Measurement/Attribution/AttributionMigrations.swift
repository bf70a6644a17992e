import Storage

/// The tables of reported clicks and of which ad brought which deal.
package enum AttributionMigrations {
  package static let all = [
    Migration("0008_attribution") { dialect in
      [
        """
        CREATE TABLE clicks (
          account_id \(type: .text) NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
          click_id \(type: .text) NOT NULL CHECK (length(click_id) BETWEEN 1 AND 512),
          ad_id \(type: .text) NOT NULL CHECK (length(ad_id) BETWEEN 1 AND 128),
          clicked_at \(type: .instant) NOT NULL,
          PRIMARY KEY (account_id, click_id)
        )\(dialect.tableSuffix)
        """,
        """
        CREATE TABLE attributions (
          account_id \(type: .text) NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
          deal_id \(type: .text) NOT NULL CHECK (length(deal_id) BETWEEN 1 AND 256),
          ad_id \(type: .text) CHECK (length(ad_id) BETWEEN 1 AND 128),
          method \(type: .text),
          confidence \(type: .double) NOT NULL CHECK (confidence BETWEEN 0 AND 1),
          reason \(type: .text) NOT NULL,
          evidence \(type: .json) NOT NULL,
          attributed_at \(type: .instant) NOT NULL,
          PRIMARY KEY (account_id, deal_id),
          CHECK ((ad_id IS NULL) = (method IS NULL))
        )\(dialect.tableSuffix)
        """,
        "CREATE INDEX attributions_to_none ON attributions (account_id, attributed_at) WHERE ad_id IS NULL",
        """
        CREATE TABLE awaited_clicks (
          account_id \(type: .text) NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
          click_id \(type: .text) NOT NULL,
          deal_id \(type: .text) NOT NULL,
          PRIMARY KEY (account_id, click_id, deal_id)
        )\(dialect.tableSuffix)
        """,
        "CREATE INDEX awaited_clicks_by_deal ON awaited_clicks (account_id, deal_id)",
      ]
    }
  ]
}
