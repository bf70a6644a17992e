import Storage

/// The tables of deals and their moves.
package enum DealMigrations {
  package static let all = [
    Migration("0003_deals") { dialect in
      [
        """
        CREATE TABLE deals (
          account_id \(type: .text) NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
          deal_id \(type: .text) NOT NULL CHECK (length(deal_id) BETWEEN 1 AND 256),
          ad_id \(type: .text) CHECK (length(ad_id) BETWEEN 1 AND 128),
          stage \(type: .text) NOT NULL,
          amount \(type: .money) CHECK (amount >= 0),
          stage_entered_at \(type: .instant) NOT NULL,
          source \(type: .text) NOT NULL,
          PRIMARY KEY (account_id, deal_id)
        )\(dialect.tableSuffix)
        """,
        "CREATE INDEX deals_by_ad ON deals (account_id, ad_id)",
        """
        CREATE TABLE deal_stage_history (
          account_id \(type: .text) NOT NULL,
          deal_id \(type: .text) NOT NULL,
          occurred_at \(type: .instant) NOT NULL,
          stage \(type: .text) NOT NULL,
          source \(type: .text) NOT NULL,
          PRIMARY KEY (account_id, deal_id, occurred_at, stage),
          FOREIGN KEY (account_id, deal_id) REFERENCES deals (account_id, deal_id) ON DELETE CASCADE
        )\(dialect.tableSuffix)
        """,
      ]
    }
  ]
}
