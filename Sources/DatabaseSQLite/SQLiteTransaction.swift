import Database
import GRDB
import Values

import protocol Database.Database
import enum Database.DatabaseError
import struct Database.Row
import struct Database.SQL

/// A transaction on one of the pool's connections.
struct SQLiteTransaction: Transaction {
  let connection: GRDBConnection

  var dialect: Dialect { .sqlite }

  func query(_ sql: SQL) throws -> [Row] {
    var rows: [Row] = []
    try forEach(sql) { rows.append($0) }
    return rows
  }

  func forEach(_ sql: SQL, _ body: (Row) throws -> Void) throws {
    let cursor = try GRDBRow.fetchCursor(try statement(sql), arguments: sql.bindings.arguments)
    var columns: Row.Columns?
    while let row = try cursor.next() {
      let names = columns ?? Row.Columns(names: Array(row.columnNames))
      columns = names
      try body(Row(columns: names, values: (0..<row.count).map { row.value(at: $0) }))
    }
  }

  func execute(_ sql: SQL) throws -> Int {
    try statement(sql).execute(arguments: sql.bindings.arguments)
    return connection.changesCount
  }

  func prepare(_ sql: SQL) throws -> any PreparedStatement {
    SQLiteStatement(connection: connection, statement: try statement(sql))
  }

  private func statement(_ sql: SQL) throws -> Statement {
    try connection.cachedStatement(sql: sql.text(dialect))
  }
}

/// A statement prepared on one of the pool's connections.
private struct SQLiteStatement: PreparedStatement {
  let connection: GRDBConnection
  let statement: Statement

  func execute(_ values: [SQLValue]) throws -> Int {
    try statement.execute(arguments: values.arguments)
    return connection.changesCount
  }
}

extension [SQLValue] {
  fileprivate var arguments: StatementArguments {
    StatementArguments(map(\.storage))
  }
}

extension SQLValue {
  /// The value as SQLite stores it; see ``Dialect/name(of:)``.
  fileprivate var storage: DatabaseValue {
    switch self {
    case .null: .null
    case .integer(let number): number.databaseValue
    case .double(let number): number.databaseValue
    case .text(let text): text.databaseValue
    case .bool(let truth): truth.databaseValue
    case .money(let amount): amount.micros.databaseValue
    case .instant(let instant): instant.microseconds.databaseValue
    case .day(let day): day.description.databaseValue
    }
  }
}

extension GRDBRow {
  fileprivate func value(at index: Int) -> SQLValue {
    let value: DatabaseValue = self[index]
    switch value.storage {
    case .null: return .null
    case .int64(let number): return .integer(number)
    case .double(let number): return .double(number)
    case .string(let text): return .text(text)
    case .blob(let data): return .text(String(decoding: data, as: UTF8.self))
    }
  }
}
