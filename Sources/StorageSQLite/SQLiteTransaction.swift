import Foundation
import GRDB
import GRDBSQLite
import Storage
import Values

import protocol Storage.Database
import enum Storage.DatabaseError
import struct Storage.Row
import struct Storage.SQL

/// A transaction on one of the pool's connections.
struct SQLiteTransaction: Transaction {
  let connection: GRDBConnection
  private let reading = StatementsInUse()
  private let failure: SQLiteFailure

  init(connection: GRDBConnection, isRead: Bool = false) {
    self.connection = connection
    failure = SQLiteFailure(isRead: isRead)
  }

  var dialect: Dialect { .sqlite }

  func query(_ sql: SQL) throws -> [Row] {
    var rows: [Row] = []
    try forEach(sql) { rows.append($0) }
    return rows
  }

  func forEach(_ sql: SQL, _ body: (Row) throws -> Void) throws {
    try failure.translated {
      let statement = try statement(sql)
      reading.ids.insert(ObjectIdentifier(statement))
      defer { reading.ids.remove(ObjectIdentifier(statement)) }
      try statement.bind(sql.bindings)
      try statement.forEach(body)
    }
  }

  func execute(_ sql: SQL) throws -> Int {
    try failure.translated {
      let statement = try statement(sql)
      try statement.bind(sql.bindings)
      return try connection.changes { try statement.execute() }
    }
  }

  /// Not taken from the cache: a cached statement could still be returning rows when it is executed.
  func prepare(_ sql: SQL) throws -> any PreparedStatement {
    try failure.translated {
      let statement = try connection.makeStatement(sql: sql.text(dialect))
      statement.leaveArgumentsAlone()
      return SQLiteStatement(connection: connection, statement: statement, failure: failure)
    }
  }

  /// The cached statement for this text, or a new one while the cached one is still returning rows: restarting it would
  /// send its reader back to the first row.
  private func statement(_ sql: SQL) throws -> Statement {
    let text = sql.text(dialect)
    let cached = try connection.cachedStatement(sql: text)
    let statement = reading.ids.contains(ObjectIdentifier(cached)) ? try connection.makeStatement(sql: text) : cached
    statement.leaveArgumentsAlone()
    return statement
  }
}

/// The statements of a transaction that are still returning rows.
private final class StatementsInUse {
  var ids: Set<ObjectIdentifier> = []
}

/// A statement prepared on one of the pool's connections.
private struct SQLiteStatement: PreparedStatement {
  let connection: GRDBConnection
  let statement: Statement
  let failure: SQLiteFailure

  func execute(_ values: [SQLValue]) throws -> Int {
    try failure.translated {
      try statement.bind(values)
      return try connection.changes { try statement.execute() }
    }
  }

  func query(_ values: [SQLValue]) throws -> [Row] {
    try failure.translated {
      try statement.bind(values)
      var rows: [Row] = []
      try statement.forEach { rows.append($0) }
      return rows
    }
  }
}

extension Statement {
  /// Executes with the bound values, and passes the rows to `body` one by one.
  fileprivate func forEach(_ body: (Row) throws -> Void) throws {
    let cursor = try GRDBRow.fetchCursor(self)
    let columns = Row.Columns(names: columnNames)
    while let row = try cursor.next() {
      try body(Row(columns: columns, values: (0..<row.count).map { row.value(at: $0) }))
    }
  }
}

extension GRDBConnection {
  /// Runs `execute`, which executes one statement, and returns how many rows that changed.
  ///
  /// SQLite's count is not updated by a statement that changes no rows by its nature, such as `CREATE TABLE`. Its
  /// running total tells whether there was any change, but it also counts rows changed by foreign keys.
  fileprivate func changes(_ execute: () throws -> Void) throws -> Int {
    let before = totalChangesCount
    try execute()
    return totalChangesCount == before ? 0 : changesCount
  }
}

extension Statement {
  /// Tells GRDB that ``bind(_:)`` binds the values.
  fileprivate func leaveArgumentsAlone() {
    setUncheckedArguments(StatementArguments())
  }

  /// Binds a value to each placeholder. GRDB's own binding boxes every value and looks up every placeholder by its
  /// name, which took a third of an import's time.
  ///
  /// Throws a ``DatabaseError`` where the number of values differs from that of placeholders, and for a value that
  /// cannot be stored.
  fileprivate func bind(_ values: [SQLValue]) throws {
    let count = Int(sqlite3_bind_parameter_count(sqliteStatement))
    guard values.count == count else {
      throw DatabaseError.failed("the statement takes \(count) values, not \(values.count)")
    }
    sqlite3_reset(sqliteStatement)
    for (index, value) in values.enumerated() {
      try value.checkStorable()
      let code = bind(value, at: Int32(truncatingIfNeeded: index + 1))
      guard code == SQLITE_OK else { throw GRDB.DatabaseError(resultCode: ResultCode(rawValue: code)) }
    }
  }

  private func bind(_ value: SQLValue, at index: Int32) -> Int32 {
    switch value {
    case .null: sqlite3_bind_null(sqliteStatement, index)
    case .integer(let number): sqlite3_bind_int64(sqliteStatement, index, number)
    case .double(let number): sqlite3_bind_double(sqliteStatement, index, number)
    case .text(let text): bind(text, at: index)
    case .bool(let truth): sqlite3_bind_int64(sqliteStatement, index, truth ? 1 : 0)
    case .money(let amount): sqlite3_bind_int64(sqliteStatement, index, amount.micros)
    case .instant(let instant): sqlite3_bind_int64(sqliteStatement, index, instant.microseconds)
    case .day(let day): bind(day.description, at: index)
    case .bytes(let bytes): bind(bytes, at: index)
    case .vector(let numbers): bind(VectorBytes.bytes(of: numbers), at: index)
    }
  }

  private func bind(_ bytes: [UInt8], at index: Int32) -> Int32 {
    bytes.withUnsafeBytes { bytes in
      bytes.isEmpty
        ? sqlite3_bind_zeroblob(sqliteStatement, index, 0)
        : sqlite3_bind_blob64(sqliteStatement, index, bytes.baseAddress, UInt64(bytes.count), Self.copied)
    }
  }

  private func bind(_ text: String, at index: Int32) -> Int32 {
    // The address of an empty buffer may be nil, which SQLite would bind as NULL.
    guard !text.isEmpty else { return sqlite3_bind_text(sqliteStatement, index, "", 0, Self.copied) }
    var text = text
    return text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { bytes in
        sqlite3_bind_text64(
          sqliteStatement, index, bytes.baseAddress, UInt64(bytes.count), Self.copied, UInt8(SQLITE_UTF8))
      }
    }
  }

  /// SQLITE_TRANSIENT: SQLite keeps a copy.
  private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
}

extension GRDBRow {
  fileprivate func value(at index: Int) -> SQLValue {
    let value: DatabaseValue = self[index]
    switch value.storage {
    case .null: return .null
    case .int64(let number): return .integer(number)
    case .double(let number): return .double(number)
    case .string(let text): return .text(text)
    case .blob(let data): return .bytes(Array(data))
    }
  }
}
