import Accounts
import Storage

/// The tables of decisions: everything needed to explain and replay one.
///
/// JSON is stored as text: a database's own JSON type would rewrite numbers and the order of keys, and a decision is
/// replayed to the bit from what was written.
package enum DecisionMigrations {
  package static let all = [
    Migration("0004_decisions") { dialect in
      [
        """
        CREATE TABLE decisions (
          account_id \(type: .text) NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
          decision_id \(type: .text) NOT NULL,
          decided_at \(type: .instant) NOT NULL,
          policy_version \(type: .text) NOT NULL,
          configuration_version \(type: .integer) NOT NULL,
          seed \(type: .integer) NOT NULL,
          total_budget \(type: .money) NOT NULL CHECK (total_budget > 0),
          inputs \(type: .text) NOT NULL,
          configuration \(type: .text) NOT NULL,
          result \(type: .text) NOT NULL,
          PRIMARY KEY (account_id, decision_id)
        )\(dialect.tableSuffix)
        """
      ]
    }
  ]

  /// What decisions were made from, once for all that were made from the same, and what became of their ads.
  package static let snapshots = [
    Migration("0029_decision_snapshots") { dialect in
      [
        """
        CREATE TABLE decision_snapshots (
          account_id \(type: .text) NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
          number \(type: .integer) NOT NULL CHECK (number > 0),
          policy \(type: .text) NOT NULL,
          sha256 \(type: .text) NOT NULL CHECK (length(sha256) = 64),
          base \(type: .integer) CHECK (base < number),
          oldest \(type: .integer) NOT NULL CHECK (oldest BETWEEN 1 AND number),
          content \(type: .bytes) NOT NULL,
          PRIMARY KEY (account_id, number)
        )\(dialect.tableSuffix)
        """,
        "CREATE UNIQUE INDEX decision_snapshots_by_hash ON decision_snapshots (account_id, policy, sha256)",
        "CREATE INDEX decision_snapshots_by_policy ON decision_snapshots (account_id, policy, number)",
        "CREATE INDEX decision_snapshots_by_oldest ON decision_snapshots (account_id, oldest, number)",
        """
        CREATE TABLE decision_outcomes (
          account_id \(type: .text) NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
          decision_id \(type: .text) NOT NULL,
          snapshot \(type: .integer) NOT NULL,
          result_sha256 \(type: .text) NOT NULL CHECK (length(result_sha256) = 64),
          recommendations \(type: .bytes) NOT NULL,
          PRIMARY KEY (account_id, decision_id),
          FOREIGN KEY (account_id, decision_id) REFERENCES decisions (account_id, decision_id) ON DELETE CASCADE,
          FOREIGN KEY (account_id, snapshot) REFERENCES decision_snapshots (account_id, number)
        )\(dialect.tableSuffix)
        """,
        "CREATE INDEX decision_outcomes_by_snapshot ON decision_outcomes (account_id, snapshot)",
      ] + RowSecurityMigrations.walls(dialect)
    }
  ]
}
