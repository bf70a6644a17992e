import Database

/// The table of the audit log. The database itself refuses to change or remove a line, but with its whole account.
enum AuditMigrations {
  static let all = [
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

  /// An account's row is gone by the time its lines follow, in either database: lines of an account that is still
  /// there stay.
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
