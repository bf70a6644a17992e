/// What a column holds; each database has a natural type for it.
public enum ColumnType: String, Sendable, CaseIterable {
  /// A whole number of 64 bits.
  case integer
  /// A binary floating-point number of 64 bits.
  case double
  /// Text.
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
  /// Bytes.
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

  /// The type of a column. Text is ordered by its bytes everywhere, so that the same rows come in the same order.
  /// SQLite keeps amounts as millionths, moments as microseconds and days as text, so that
  /// each of them compares and sums exactly.
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

  /// A column of vectors with its rule. SQLite knows bytes alone; PostgreSQL's type knows its length, and the rule is there
  /// so that both schemas read the same.
  func vectorColumn(_ name: String, dimensions: Int) -> String {
    switch self {
    case .sqlite: "\(name) BLOB CHECK (length(\(name)) = \(4 * dimensions))"
    case .postgresql: "\(name) vector(\(dimensions)) CHECK (vector_dims(\(name)) = \(dimensions))"
    }
  }

  /// Gives a row where steps of a schema have been applied before.
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

  /// Gives the version of what the statements run on, as `version`.
  public var versionQuery: SQL {
    switch self {
    case .sqlite: "SELECT sqlite_version() AS version"
    case .postgresql: "SELECT current_setting('server_version') AS version"
    }
  }

  /// Gives the time of the server's clock, not of the transaction's beginning, as `now`; nil where there is no server.
  var timeQuery: SQL? {
    switch self {
    case .sqlite: nil
    case .postgresql: "SELECT clock_timestamp() AS now"
    }
  }

  /// A number from 0 to 255 that hardly any two transactions under way at once share. Sums that many of them add to
  /// are kept in one row for each, so that none waits for another or is taken back because of it. SQLite writes one
  /// transaction at a time.
  public var writerSlot: SQL {
    switch self {
    case .sqlite: "0"
    case .postgresql: "pg_backend_pid() % 256"
    }
  }

  /// What follows the closing parenthesis of a table: SQLite's strict typing.
  public var tableSuffix: SQL {
    switch self {
    case .sqlite: " STRICT"
    case .postgresql: ""
    }
  }
}
