import Database

/// The table of decisions: everything needed to explain one and to make it again.
enum DecisionMigrations {
  static let all = [
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
          inputs \(type: .json) NOT NULL,
          configuration \(type: .json) NOT NULL,
          result \(type: .json) NOT NULL,
          PRIMARY KEY (account_id, decision_id)
        )\(dialect.tableSuffix)
        """
      ]
    }
  ]
}
