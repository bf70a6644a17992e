/// What a column holds; each database has a natural type for it.
public enum ColumnType: String, Sendable, CaseIterable {
  /// A whole number of 64 bits.
  case integer
  /// A binary floating-point number of 64 bits.
  case double
  case text
  /// A truth value.
  case bool
  /// An exact amount with six decimals.
  case money
  /// A moment in UTC, to the microsecond.
  case instant
  /// A calendar day.
  case day
  /// A JSON document.
  case json
  case bytes
}

/// Where databases differ in how the same statement is written.
public enum Dialect: String, Sendable, CaseIterable {
  /// SQLite 3.37 or newer, in strict tables.
  case sqlite
  /// PostgreSQL 15 or newer.
  case postgresql

  /// Appends the placeholder of the value at `position`, counted from 1.
  func writePlaceholder(_ position: Int, to text: inout String) {
    switch self {
    case .sqlite: text.append("?")
    case .postgresql: text.append("$")
    }
    text.append(String(position))
  }

  /// The type of a column. Text sorts by its bytes in every database, so that rows come in the same order everywhere.
  /// SQLite stores amounts as millionths, moments as microseconds and days as text, so that each of them compares and
  /// sums exactly.
  public func name(of type: ColumnType) -> String {
    switch (self, type) {
    case (.sqlite, .integer), (.sqlite, .bool), (.sqlite, .money), (.sqlite, .instant): "INTEGER"
    case (.sqlite, .double): "REAL"
    case (.sqlite, .text), (.sqlite, .day), (.sqlite, .json): "TEXT"
    case (.sqlite, .bytes): "BLOB"
    case (.postgresql, .integer): "BIGINT"
    case (.postgresql, .double): "DOUBLE PRECISION"
    case (.postgresql, .text): "TEXT COLLATE \"C\""
    case (.postgresql, .bool): "BOOLEAN"
    case (.postgresql, .money): "NUMERIC(24, 6)"
    case (.postgresql, .instant): "TIMESTAMPTZ"
    case (.postgresql, .day): "DATE"
    case (.postgresql, .json): "JSONB"
    case (.postgresql, .bytes): "BYTEA"
    }
  }

  /// A column of vectors with its constraint. SQLite has only bytes; PostgreSQL's type knows its length, and has the
  /// constraint so that both schemas read the same.
  func vectorColumn(_ name: String, dimensions: Int) -> String {
    switch self {
    case .sqlite: "\(name) BLOB CHECK (length(\(name)) = \(4 * dimensions))"
    case .postgresql: "\(name) vector(\(dimensions)) CHECK (vector_dims(\(name)) = \(dimensions))"
    }
  }

  /// Returns a row where migrations have been applied before.
  var migrationsTableQuery: SQL {
    switch self {
    case .sqlite: "SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = 'schema_migrations'"
    case .postgresql: "SELECT 1 AS found WHERE to_regclass('schema_migrations') IS NOT NULL"
    }
  }

  /// The database's name as people know it.
  public var productName: String {
    switch self {
    case .sqlite: "SQLite"
    case .postgresql: "PostgreSQL"
    }
  }

  /// Returns the version of the database software, as `version`.
  public var versionQuery: SQL {
    switch self {
    case .sqlite: "SELECT sqlite_version() AS version"
    case .postgresql: "SELECT current_setting('server_version') AS version"
    }
  }

  /// Returns the time of the server's clock, not of the start of the transaction, as `now`; nil where there is no
  /// server.
  var timeQuery: SQL? {
    switch self {
    case .sqlite: nil
    case .postgresql: "SELECT clock_timestamp() AS now"
    }
  }

  /// A number from 0 to 255 that two concurrent transactions rarely share. A sum that many transactions add to is
  /// spread over one row per slot, so that they neither wait for each other nor conflict. SQLite runs one writing
  /// transaction at a time.
  public var writerSlot: SQL {
    switch self {
    case .sqlite: "0"
    case .postgresql: "pg_backend_pid() % 256"
    }
  }

  /// What follows the closing parenthesis of a table definition: SQLite's strict typing.
  public var tableSuffix: SQL {
    switch self {
    case .sqlite: " STRICT"
    case .postgresql: ""
    }
  }
}
