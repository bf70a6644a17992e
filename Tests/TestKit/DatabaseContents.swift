import Storage
import Values

/// What a database holds, in words that tests compare.
package enum DatabaseContents {
  /// The names of all tables.
  package static func tables(in transaction: any Transaction) throws -> [String] {
    let tables: SQL =
      switch transaction.dialect {
      case .sqlite:
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
      case .postgresql:
        "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
      }
    return try transaction.query(tables).map { try $0.get("name") }
  }

  /// The names of a table's columns, in their order.
  package static func columns(of table: String, in transaction: any Transaction) throws -> [String] {
    let columns: SQL =
      switch transaction.dialect {
      case .sqlite: "SELECT name FROM pragma_table_info(\(table)) ORDER BY cid"
      case .postgresql:
        """
        SELECT column_name AS name FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name = \(table) ORDER BY ordinal_position
        """
      }
    return try transaction.query(columns).map { try $0.get("name") }
  }

  /// The rows of a table with some of its columns, each as a line of text, in the lines' order: amounts in millionths,
  /// moments in microseconds, truth as 0 and 1, text in quotes.
  package static func rows(
    of table: String, _ columns: [String], in transaction: any Transaction
  ) throws -> [String] {
    let parts =
      switch transaction.dialect {
      case .sqlite: columns.map { "quote(\"\($0)\")" }
      case .postgresql: try quoted(columns, of: table, in: transaction)
      }
    let line = parts.joined(separator: " || ' ' || ")
    return try transaction.query(SQL(stringLiteral: "SELECT \(line) AS line FROM \(table)"))
      .map { try $0.get("line", as: String.self) }.sorted()
  }

  /// Writes columns of PostgreSQL as SQLite would.
  private static func quoted(
    _ columns: [String], of table: String, in transaction: any Transaction
  ) throws -> [String] {
    let rows = try transaction.query(
      """
      SELECT column_name AS name, data_type AS type FROM information_schema.columns
      WHERE table_schema = 'public' AND table_name = \(table)
      """)
    let types = try Dictionary(
      uniqueKeysWithValues: rows.map { (try $0.get("name", as: String.self), try $0.get("type", as: String.self)) })
    return columns.map { name in
      let column = "\"\(name)\""
      let text =
        switch types[name] {
        case "bigint": "CAST(\(column) AS TEXT)"
        case "boolean": "CAST(CAST(\(column) AS INTEGER) AS TEXT)"
        case "numeric": "CAST(CAST(\(column) * 1000000 AS BIGINT) AS TEXT)"
        case "timestamp with time zone": "CAST(CAST(EXTRACT(EPOCH FROM \(column)) * 1000000 AS BIGINT) AS TEXT)"
        case "double precision":
          "CAST(\(column) AS TEXT) || CASE WHEN \(column) = trunc(\(column)) THEN '.0' ELSE '' END"
        default: "'''' || replace(CAST(\(column) AS TEXT), '''', '''''') || ''''"
        }
      return "COALESCE(\(text), 'NULL')"
    }
  }
}

/// A number of a test's query, with amounts and moments as whole numbers: millionths and microseconds.
package struct PlainNumber: SQLDecodable {
  /// The number.
  package let value: Int

  /// Reads whole numbers, amounts, moments and truth values.
  package init?(sqlValue: SQLValue) {
    switch sqlValue {
    case .integer(let number): value = Int(number)
    case .money(let amount): value = Int(amount.micros)
    case .instant(let instant): value = Int(instant.microseconds)
    case .bool(let truth): value = truth ? 1 : 0
    case .null, .double, .text, .day, .bytes, .vector: return nil
    }
  }
}
