import Foundation
import GRDB
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
      try statement.forEach(sql.bindings, body)
    }
  }

  func execute(_ sql: SQL) throws -> Int {
    try failure.translated {
      try connection.changes(of: try statement(sql), with: sql.bindings)
    }
  }

  /// A statement of its own: a cached one could be handing over rows when it is executed.
  func prepare(_ sql: SQL) throws -> any PreparedStatement {
    try failure.translated {
      SQLiteStatement(
        connection: connection, statement: try connection.makeStatement(sql: sql.text(dialect)), failure: failure)
    }
  }

  /// The cached statement of this text, or a new one while that is still handing over rows: starting it again
  /// would send whoever reads them back to the first.
  private func statement(_ sql: SQL) throws -> Statement {
    let text = sql.text(dialect)
    let cached = try connection.cachedStatement(sql: text)
    return reading.ids.contains(ObjectIdentifier(cached)) ? try connection.makeStatement(sql: text) : cached
  }
}

/// The statements of a transaction that are handing over rows.
private final class StatementsInUse {
  var ids: Set<ObjectIdentifier> = []
}

/// A statement prepared on one of the pool's connections.
private struct SQLiteStatement: PreparedStatement {
  let connection: GRDBConnection
  let statement: Statement
  let failure: SQLiteFailure

  func execute(_ values: [SQLValue]) throws -> Int {
    try failure.translated { try connection.changes(of: statement, with: values) }
  }

  func query(_ values: [SQLValue]) throws -> [Row] {
    var rows: [Row] = []
    try failure.translated { try statement.forEach(values) { rows.append($0) } }
    return rows
  }
}

extension Statement {
  /// Executes with `values` and hands over the rows one by one.
  fileprivate func forEach(_ values: [SQLValue], _ body: (Row) throws -> Void) throws {
    let cursor = try GRDBRow.fetchCursor(self, arguments: try values.arguments)
    var columns: Row.Columns?
    while let row = try cursor.next() {
      let names = columns ?? Row.Columns(names: Array(row.columnNames))
      columns = names
      try body(Row(columns: names, values: (0..<row.count).map { row.value(at: $0) }))
    }
  }
}

extension GRDBConnection {
  /// Executes `statement` and returns how many rows it changed.
  ///
  /// SQLite's count stays as it was when a statement changes no rows by its nature, such as `CREATE TABLE`; its
  /// total tells whether there was any change, though not how many without those of foreign keys.
  fileprivate func changes(of statement: Statement, with values: [SQLValue]) throws -> Int {
    let before = totalChangesCount
    try statement.execute(arguments: try values.arguments)
    return totalChangesCount == before ? 0 : changesCount
  }
}

extension [SQLValue] {
  /// Throws ``DatabaseError/checkViolation(_:)`` for a value that is not stored.
  fileprivate var arguments: StatementArguments {
    get throws {
      // Elements of one type would be mapped through a key path, which takes several times as long.
      StatementArguments(
        try map { value -> (any DatabaseValueConvertible)? in
          try value.checkStorable()
          return value.storage
        })
    }
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
    case .bytes(let bytes): Data(bytes).databaseValue
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
    case .blob(let data): return .bytes(Array(data))
    }
  }
}
