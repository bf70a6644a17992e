import Storage

/// The table of decisions: everything needed to explain one and to make it again.
///
/// Its JSON is kept as text: a database's own type for JSON would write numbers and the order of keys anew, and a
/// decision is made again from what was written, to the bit.
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
}
