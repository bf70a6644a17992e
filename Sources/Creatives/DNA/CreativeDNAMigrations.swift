import Accounts
import Storage

/// The table of creative DNA.
package enum CreativeDNAMigrations {
  package static let all = [
    Migration("0033_creative_dna") { dialect in
      [
        """
        CREATE TABLE creative_dna (
          account_id \(type: .text) NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
          ad_id \(type: .text) NOT NULL CHECK (length(ad_id) BETWEEN 1 AND 128),
          dna \(type: .text) NOT NULL CHECK (length(dna) BETWEEN 2 AND 65536),
          text_version \(type: .integer) NOT NULL CHECK (text_version > 0),
          text_hash \(type: .text) NOT NULL CHECK (length(text_hash) = 64),
          updated_at \(type: .instant) NOT NULL,
          PRIMARY KEY (account_id, ad_id)
        )\(dialect.tableSuffix)
        """
      ] + RowSecurityMigrations.walls(dialect)
    }
  ]
}
