import Storage

/// A schema as its database describes it, in words that are the same for every database.
struct SchemaShape: Equatable {
  /// A column's name, the types it may have, and whether it may be null.
  struct Column: Equatable {
    let name: String
    let type: String
    let isRequired: Bool
  }

  /// A table's columns and rules.
  struct Table: Equatable {
    var columns: [Column] = []
    var key: [String] = []
    /// Such as `account_id,deal_id -> deals(account_id,deal_id) CASCADE`.
    var references: Set<String> = []
    /// Such as `jobs_by_id unique (job_id) whole`.
    var indexes: Set<String> = []
    var checkCount = 0
  }

  var tables: [String: Table] = [:]

  init(in transaction: any Transaction) throws {
    switch transaction.dialect {
    case .sqlite: try readSQLite(transaction)
    case .postgresql: try readPostgres(transaction)
    }
  }

  private mutating func readSQLite(_ transaction: any Transaction) throws {
    let names = try transaction.query(
      "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    for row in names {
      let name: String = try row.get("name")
      var table = Table()
      table.checkCount = try row.get("sql", as: String.self).matches(of: #/\bCHECK \(/#).count
      let columns = try transaction.query("SELECT name, type, \"notnull\", pk FROM pragma_table_info(\(name))")
      table.columns = try columns.map {
        // A key's column is never null: in a strict table that need not be said.
        Column(
          name: try $0.get("name"), type: try $0.get("type"),
          isRequired: try $0.get("notnull", as: Bool.self) || $0.get("pk", as: Int.self) > 0)
      }
      table.key = try columns.map { (try $0.get("pk", as: Int.self), try $0.get("name", as: String.self)) }
        .filter { $0.0 > 0 }.sorted { $0.0 < $1.0 }.map(\.1)
      table.references = try Set(
        transaction.query(
          """
          SELECT group_concat("from") || ' -> ' || "table" || '(' || group_concat("to") || ') ' || on_delete AS line
          FROM (SELECT * FROM pragma_foreign_key_list(\(name)) ORDER BY id, seq) GROUP BY id, "table", on_delete
          """
        ).map { try $0.get("line") })
      table.indexes = try Set(
        transaction.query(
          """
          SELECT CASE origin WHEN 'c' THEN l.name ELSE 'rule' END || CASE "unique" WHEN 1 THEN ' unique' ELSE '' END
            || ' (' || (SELECT group_concat(name) FROM (
              SELECT name FROM pragma_index_info(l.name) ORDER BY seqno)) || ')'
            || CASE partial WHEN 1 THEN ' partly' ELSE ' whole' END AS line
          FROM pragma_index_list(\(name)) l WHERE origin <> 'pk'
          """
        ).map { try $0.get("line") })
      tables[name] = table
    }
  }

  private mutating func readPostgres(_ transaction: any Transaction) throws {
    let columns = try transaction.query(
      """
      SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns
      WHERE table_schema = 'public' ORDER BY table_name, ordinal_position
      """)
    for row in columns {
      tables[try row.get("table_name"), default: Table()].columns.append(
        Column(
          name: try row.get("column_name"), type: try row.get("data_type"),
          isRequired: try row.get("is_nullable", as: String.self) == "NO"))
    }
    let rules = try transaction.query(
      """
      SELECT CAST(c.conrelid::regclass AS TEXT) AS table_name, CAST(c.contype AS TEXT) AS kind,
        \(Self.columnNames("c.conrelid", "c.conkey")) AS names, CAST(c.confrelid::regclass AS TEXT) AS target,
        \(Self.columnNames("c.confrelid", "c.confkey")) AS target_names,
        CASE c.confdeltype WHEN 'c' THEN 'CASCADE' ELSE 'NO ACTION' END AS on_delete
      FROM pg_constraint c WHERE c.connamespace = 'public'::regnamespace AND c.contype IN ('c', 'f', 'p')
      """)
    for row in rules {
      let table: String = try row.get("table_name")
      let names = try row.getOptional("names", as: String.self) ?? ""
      switch try row.get("kind", as: String.self) {
      case "p": tables[table]?.key = names.split(separator: ",").map(String.init)
      case "f":
        let target = "\(try row.get("target", as: String.self))(\(try row.get("target_names", as: String.self)))"
        tables[table]?.references.insert("\(names) -> \(target) \(try row.get("on_delete", as: String.self))")
      default: tables[table]?.checkCount += 1
      }
    }
    // SQLite has nothing like the indexes of pgvector.
    let indexes = try transaction.query(
      """
      SELECT CAST(i.indrelid::regclass AS TEXT) AS table_name,
        CASE WHEN c.oid IS NULL THEN CAST(i.indexrelid::regclass AS TEXT) ELSE 'rule' END
          || CASE WHEN i.indisunique THEN ' unique' ELSE '' END
          || ' (' || \(Self.columnNames("i.indrelid", "i.indkey::int2[]")) || ')'
          || CASE WHEN i.indpred IS NULL THEN ' whole' ELSE ' partly' END AS line
      FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
      LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype = 'u'
      JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
      WHERE t.relnamespace = 'public'::regnamespace AND NOT i.indisprimary AND m.amname <> 'hnsw'
      """)
    for row in indexes { tables[try row.get("table_name")]?.indexes.insert(try row.get("line")) }
  }

  /// The names of the columns of a table whose numbers are given, between commas.
  private static func columnNames(_ table: String, _ numbers: String) -> SQL {
    SQL(
      stringLiteral: """
        (SELECT string_agg(a.attname, ',' ORDER BY k.place) FROM unnest(\(numbers)) WITH ORDINALITY AS k (number, place)
        JOIN pg_attribute a ON a.attrelid = \(table) AND a.attnum = k.number)
        """)
  }
}
