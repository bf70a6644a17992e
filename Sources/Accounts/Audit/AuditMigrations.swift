import Storage

/// The table of the audit log. The database itself refuses to change or remove a line, except together with its
/// account.
package enum AuditMigrations {
  package static let all = [
    Migration("0011_audit") { dialect in
      [
        """
        CREATE TABLE audit_log (
          account_id \(type: .text) NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
          id \(type: .text) NOT NULL CHECK (length(id) = 24),
          at \(type: .instant) NOT NULL,
          actor \(type: .text) NOT NULL CHECK (length(actor) BETWEEN 1 AND 200),
          action \(type: .text) NOT NULL CHECK (length(action) BETWEEN 1 AND 64),
          subject \(type: .text) NOT NULL CHECK (length(subject) <= 512),
          before_value \(type: .json),
          after_value \(type: .json),
          PRIMARY KEY (account_id, id)
        )\(dialect.tableSuffix)
        """
      ] + guards(dialect)
    }
  ]

  /// A number and a hash for each line, and the head of each account's chain; and guards that hold against a row that
  /// replaces another, and against tables and settings of the session.
  package static let chain = [
    Migration("0019_audit_chain") { dialect in
      [
        "ALTER TABLE audit_log ADD COLUMN line \(type: .integer) CHECK (line > 0)",
        "ALTER TABLE audit_log ADD COLUMN hash \(type: .text) CHECK (length(hash) = 64)",
        "CREATE UNIQUE INDEX audit_log_by_line ON audit_log (account_id, line)",
        """
        CREATE TABLE audit_heads (
          account_id \(type: .text) PRIMARY KEY REFERENCES accounts (account_id) ON DELETE CASCADE,
          lines \(type: .integer) NOT NULL CHECK (lines >= 0),
          hash \(type: .text) NOT NULL CHECK (length(hash) = 64)
        )\(dialect.tableSuffix)
        """,
      ] + strongerGuards(dialect) + RowSecurityMigrations.walls(dialect)
    }
  ]

  /// Who brought figures in and who asked for decisions. What is older than this has no known author.
  package static let authors = [
    Migration("0018_authors") { _ in
      ["imports", "decisions"].map { table in
        """
        ALTER TABLE \(SQL(stringLiteral: table)) ADD COLUMN author \(type: .text) NOT NULL DEFAULT 'unknown'
          CHECK (length(author) BETWEEN 1 AND 200)
        """
      }
    }
  ]

  /// SQLite removes the row that `INSERT OR REPLACE` replaces without asking the triggers on `DELETE`. On PostgreSQL a
  /// temporary table `accounts` passed for the real one, and a setting could hide it from the function.
  private static func strongerGuards(_ dialect: Dialect) -> [SQL] {
    switch dialect {
    case .sqlite:
      [
        """
        CREATE TRIGGER audit_log_replaces_no_line BEFORE INSERT ON audit_log
        WHEN EXISTS (
          SELECT 1 FROM audit_log WHERE account_id = NEW.account_id AND (id = NEW.id OR line = NEW.line)
          UNION ALL SELECT 1 FROM audit_log WHERE rowid = NEW.rowid)
        BEGIN SELECT RAISE(ABORT, 'audit_log is append-only'); END
        """
      ]
    case .postgresql:
      [
        """
        DO $guard$
        BEGIN
          EXECUTE format($function$
            CREATE OR REPLACE FUNCTION %1$I.audit_log_keeps_lines() RETURNS trigger LANGUAGE plpgsql
            SET search_path = pg_catalog, pg_temp AS $body$
            BEGIN
              IF TG_OP = 'DELETE' AND pg_trigger_depth() > 1 THEN
                IF NOT EXISTS (SELECT 1 FROM %1$I.accounts WHERE account_id = OLD.account_id) THEN
                  RETURN OLD;
                END IF;
              END IF;
              RAISE EXCEPTION 'audit_log is append-only' USING ERRCODE = 'check_violation';
            END $body$
            $function$, current_schema());
        END
        $guard$
        """
      ]
    }
  }

  /// In either database an account's row has been deleted by the time its lines are: lines of an existing account stay.
  private static func guards(_ dialect: Dialect) -> [SQL] {
    switch dialect {
    case .sqlite:
      [
        """
        CREATE TRIGGER audit_log_keeps_lines BEFORE UPDATE ON audit_log
        BEGIN SELECT RAISE(ABORT, 'audit_log is append-only'); END
        """,
        """
        CREATE TRIGGER audit_log_keeps_all_lines BEFORE DELETE ON audit_log
        WHEN EXISTS (SELECT 1 FROM accounts WHERE account_id = OLD.account_id)
        BEGIN SELECT RAISE(ABORT, 'audit_log is append-only'); END
        """,
      ]
    case .postgresql:
      [
        """
        CREATE FUNCTION audit_log_keeps_lines() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF TG_OP = 'DELETE' THEN
            IF NOT EXISTS (SELECT 1 FROM accounts WHERE account_id = OLD.account_id) THEN
              RETURN OLD;
            END IF;
          END IF;
          RAISE EXCEPTION 'audit_log is append-only' USING ERRCODE = 'check_violation';
        END $$
        """,
        """
        CREATE TRIGGER audit_log_keeps_lines BEFORE UPDATE OR DELETE ON audit_log
        FOR EACH ROW EXECUTE FUNCTION audit_log_keeps_lines()
        """,
        """
        CREATE TRIGGER audit_log_keeps_all_lines BEFORE TRUNCATE ON audit_log
        FOR EACH STATEMENT EXECUTE FUNCTION audit_log_keeps_lines()
        """,
      ]
    }
  }
}
