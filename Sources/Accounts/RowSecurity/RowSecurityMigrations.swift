import Storage

/// The wall between accounts that the database itself holds up, where it can: see `AccountScope`.
package enum RowSecurityMigrations {
  package static let all = [Migration("0012_row_level_security", statements: walls)]

  /// Gives every table with an `account_id` a wall that has none yet. A later step that adds such tables does so again.
  ///
  /// A transaction says whose rows it may see; one that says nothing sees none. The tables' owner is held to it too.
  package static func walls(_ dialect: Dialect) -> [SQL] {
    switch dialect {
    case .sqlite: []
    case .postgresql:
      [
        """
        DO $walls$
        DECLARE target regclass;
        BEGIN
          FOR target IN
            SELECT c.oid FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
            WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND NOT c.relrowsecurity
              AND a.attname = 'account_id' AND NOT a.attisdropped
          LOOP
            EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
            EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
            EXECUTE format($policy$
              CREATE POLICY own_account ON %s USING (
                account_id = current_setting('geminivideo.account_id', true)
                OR current_setting('geminivideo.all_accounts', true) = 'on')
              $policy$, target);
          END LOOP;
        END
        $walls$
        """
      ]
    }
  }
}
