import Storage

/// The tables of accounts, their configuration and their keys.
package enum AccountMigrations {
  package static let all = [
    Migration("0001_accounts") { dialect in
      [
        """
        CREATE TABLE accounts (
          account_id \(type: .text) PRIMARY KEY CHECK (length(account_id) BETWEEN 1 AND 64),
          created_at \(type: .instant) NOT NULL
        )\(dialect.tableSuffix)
        """,
        """
        CREATE TABLE account_configurations (
          account_id \(type: .text) PRIMARY KEY REFERENCES accounts (account_id) ON DELETE CASCADE,
          aov \(type: .money) NOT NULL CHECK (aov > 0),
          currency \(type: .text) NOT NULL CHECK (length(currency) = 3),
          timezone \(type: .text) NOT NULL,
          mode \(type: .text) NOT NULL CHECK (mode IN ('pipeline', 'direct')),
          ignorance_zone_days \(type: .double) NOT NULL CHECK (ignorance_zone_days >= 0),
          ignorance_zone_spend \(type: .money) NOT NULL CHECK (ignorance_zone_spend >= 0),
          min_spend_for_kill \(type: .money) NOT NULL CHECK (min_spend_for_kill >= 0),
          kill_roas_threshold \(type: .double) NOT NULL CHECK (kill_roas_threshold >= 0),
          scale_roas_threshold \(type: .double) NOT NULL CHECK (scale_roas_threshold >= kill_roas_threshold),
          blending_curve \(type: .text) NOT NULL,
          max_daily_change \(type: .double) NOT NULL CHECK (max_daily_change > 0),
          winner_roas_threshold \(type: .double) NOT NULL CHECK (winner_roas_threshold >= 0),
          winner_ctr_threshold \(type: .double) NOT NULL CHECK (winner_ctr_threshold BETWEEN 0 AND 1),
          stages \(type: .json) NOT NULL,
          version \(type: .integer) NOT NULL CHECK (version > 0),
          updated_at \(type: .instant) NOT NULL
        )\(dialect.tableSuffix)
        """,
        """
        CREATE TABLE api_keys (
          key_id \(type: .text) PRIMARY KEY,
          account_id \(type: .text) NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
          role \(type: .text) NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
          secret_hash \(type: .text) NOT NULL UNIQUE CHECK (length(secret_hash) = 64),
          created_at \(type: .instant) NOT NULL
        )\(dialect.tableSuffix)
        """,
        "CREATE INDEX api_keys_by_account ON api_keys (account_id)",
      ]
    }
  ]

  /// How accounts read their CRM.
  package static let crm = [
    Migration("0007_crm_settings") { _ in
      ["ALTER TABLE account_configurations ADD COLUMN crm \(type: .json) NOT NULL DEFAULT '{}'"]
    }
  ]

  /// How much accounts may keep.
  package static let quotas = [
    Migration("0014_account_quotas") { dialect in
      [
        """
        CREATE TABLE account_quotas (
          account_id \(type: .text) NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
          resource \(type: .text) NOT NULL CHECK (resource IN ('decisions', 'ads', 'waiting_jobs')),
          maximum \(type: .integer) NOT NULL CHECK (maximum BETWEEN 1 AND 1000000000),
          PRIMARY KEY (account_id, resource)
        )\(dialect.tableSuffix)
        """
      ] + RowSecurityMigrations.walls(dialect)
    }
  ]

  /// Quotas of any name: features register theirs.
  package static let namedQuotas = [
    Migration("0028_named_quotas") { dialect in
      switch dialect {
      case .sqlite:
        [
          """
          CREATE TABLE account_quotas_new (
            account_id \(type: .text) NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
            resource \(type: .text) NOT NULL CHECK (length(resource) BETWEEN 1 AND 64),
            maximum \(type: .integer) NOT NULL CHECK (maximum BETWEEN 1 AND 1000000000),
            PRIMARY KEY (account_id, resource)
          )\(dialect.tableSuffix)
          """,
          "INSERT INTO account_quotas_new SELECT account_id, resource, maximum FROM account_quotas",
          "DROP TABLE account_quotas",
          "ALTER TABLE account_quotas_new RENAME TO account_quotas",
        ]
      case .postgresql:
        [
          "ALTER TABLE account_quotas DROP CONSTRAINT account_quotas_resource_check",
          """
          ALTER TABLE account_quotas ADD CONSTRAINT account_quotas_resource_check
            CHECK (length(resource) BETWEEN 1 AND 64)
          """,
        ]
      }
    }
  ]

  /// Pauses of disabled accounts, which held for the queues of their time, hold for every queue.
  package static let pauses = [
    Migration("0016_account_pauses") { _ in
      [
        """
        INSERT INTO job_pauses (account_id, queue, until, reason)
        SELECT account_id, '*', MAX(until), 'the account is disabled' FROM job_pauses
        WHERE account_id IN (SELECT account_id FROM accounts WHERE disabled_at IS NOT NULL)
        GROUP BY account_id
        """,
        """
        DELETE FROM job_pauses WHERE queue <> '*' AND EXISTS (
          SELECT 1 FROM job_pauses AS whole
          WHERE whole.account_id = job_pauses.account_id AND whole.queue = '*' AND whole.until = job_pauses.until)
        """,
      ]
    }
  ]

  /// Tells accounts apart that have the same name one after the other.
  package static let incarnations = [
    Migration("0017_account_incarnations") { dialect in
      let random: SQL =
        switch dialect {
        case .sqlite: "lower(hex(randomblob(8)))"
        case .postgresql: "left(replace(gen_random_uuid()::text, '-', ''), 16)"
        }
      return [
        "ALTER TABLE accounts ADD COLUMN incarnation \(type: .text) NOT NULL DEFAULT ''",
        "UPDATE accounts SET incarnation = \(random)",
      ]
    }
  ]

  /// Rates of requests, accounts that rest or are gone, lives of keys, and each version of the configuration.
  package static let lifecycle = [
    Migration("0010_accounts") { dialect in
      [
        "ALTER TABLE accounts ADD COLUMN disabled_at \(type: .instant)",
        """
        ALTER TABLE accounts ADD COLUMN requests_per_minute \(type: .integer) NOT NULL DEFAULT 6000
          CHECK (requests_per_minute BETWEEN 1 AND 100000000)
        """,
        """
        ALTER TABLE accounts ADD COLUMN request_burst \(type: .integer) NOT NULL DEFAULT 1000
          CHECK (request_burst BETWEEN 1 AND 100000000)
        """,
        "ALTER TABLE api_keys ADD COLUMN name \(type: .text) NOT NULL DEFAULT '' CHECK (length(name) <= 100)",
        "ALTER TABLE api_keys ADD COLUMN last_used_at \(type: .instant)",
        "ALTER TABLE api_keys ADD COLUMN expires_at \(type: .instant)",
        "ALTER TABLE api_keys ADD COLUMN revoked_at \(type: .instant)",
        """
        CREATE TABLE account_configuration_versions (
          account_id \(type: .text) NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
          version \(type: .integer) NOT NULL CHECK (version > 0),
          configuration \(type: .text) NOT NULL,
          changed_at \(type: .instant) NOT NULL,
          changed_by \(type: .text) NOT NULL CHECK (length(changed_by) BETWEEN 1 AND 200),
          PRIMARY KEY (account_id, version)
        )\(dialect.tableSuffix)
        """,
        """
        CREATE TABLE account_receipts (
          account_name \(type: .text) NOT NULL CHECK (length(account_name) BETWEEN 1 AND 64),
          deleted_at \(type: .instant) NOT NULL,
          deleted_by \(type: .text) NOT NULL CHECK (length(deleted_by) BETWEEN 1 AND 200),
          row_counts \(type: .json) NOT NULL,
          PRIMARY KEY (account_name, deleted_at)
        )\(dialect.tableSuffix)
        """,
      ]
    }
  ]
}
