import Database
import Foundation
import GRDB

import protocol Database.Database
import enum Database.DatabaseError

/// SQLite in a file, through GRDB: one writer, many readers, write-ahead log.
public struct SQLiteDatabase: Database {
  /// The one writer with a group of readers beside it.
  private let pool: DatabasePool

  /// SQLite's own way of writing SQL.
  public var dialect: Dialect { .sqlite }

  /// Opens the file at `path`, making it and its folder where they are missing.
  ///
  /// A commit is on disk when it returns. GRDB's pool lowers `synchronous` to NORMAL after it has prepared its
  /// writer, so FULL is set once the pool is open. Throws ``DatabaseError/unavailable(_:)``.
  public init(path: String) throws(DatabaseError) {
    do {
      let folder = (path as NSString).deletingLastPathComponent
      if !folder.isEmpty {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      }
      var configuration = Configuration()
      configuration.busyMode = .timeout(10)
      configuration.maximumReaderCount = 8
      configuration.prepareDatabase { connection in
        try connection.execute(sql: "PRAGMA cache_size = -16000")
      }
      pool = try Self.openedPool(path: path, configuration: configuration)
      try pool.writeWithoutTransaction { connection in
        try connection.execute(sql: "PRAGMA synchronous = FULL")
      }
    } catch {
      throw .unavailable("\(path): \(error)")
    }
  }

  /// Opens the pool, again and again for some ten seconds while another process holds the lock.
  ///
  /// SQLite does not wait by itself for the lock under which a new file gets its write-ahead log: of several
  /// processes that start at once on a new file, all but one would be refused.
  private static func openedPool(path: String, configuration: Configuration) throws -> DatabasePool {
    var attemptsLeft = 500
    while true {
      do {
        return try DatabasePool(path: path, configuration: configuration)
      } catch let error as GRDBError where error.resultCode == .SQLITE_BUSY && attemptsLeft > 0 {
        attemptsLeft -= 1
        Thread.sleep(forTimeInterval: 0.02)
      }
    }
  }

  /// Runs `body` on a snapshot, beside other readers and the writer.
  public func read<Result: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result {
    try await SQLiteFailure.translated {
      try await pool.read { connection in
        try body(SQLiteTransaction(connection: connection))
      }
    }
  }

  /// Runs `body` as the only writer of this process, in an immediate transaction.
  public func write<Result: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result {
    let scope = AccountScope.current
    return try await SQLiteFailure.translated {
      try await pool.write { connection in
        let transaction = SQLiteTransaction(connection: connection)
        try scope.prove(in: transaction)
        return try body(transaction)
      }
    }
  }

  /// Runs `body` as the only writer; a rebuilding change with foreign keys checked before the commit alone.
  public func changeSchema<Result: Sendable>(
    _ change: SchemaChange, _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result? {
    guard change == .rebuild else { return try await write(body) }
    return try await SQLiteFailure.translated {
      try await pool.writeWithoutTransaction { connection in
        // Within a transaction the setting has no effect.
        try connection.execute(sql: "PRAGMA foreign_keys = OFF")
        defer { try? connection.execute(sql: "PRAGMA foreign_keys = ON") }
        var result: Result?
        try connection.inTransaction(.immediate) {
          result = try body(SQLiteTransaction(connection: connection))
          try connection.checkForeignKeys()
          return .commit
        }
        return result
      }
    }
  }
}

/// Turns SQLite's result codes into this system's errors.
enum SQLiteFailure {
  static func translated<Result>(_ work: () async throws -> Result) async throws -> Result {
    do {
      return try await work()
    } catch let error as GRDBError {
      throw translation(of: error)
    }
  }

  static func translated<Result>(_ work: () throws -> Result) throws -> Result {
    do {
      return try work()
    } catch let error as GRDBError {
      throw translation(of: error)
    }
  }

  private static func translation(of error: GRDBError) -> DatabaseError {
    let detail = error.message ?? "\(error.extendedResultCode)"
    switch (error.resultCode, error.extendedResultCode) {
    case (_, .SQLITE_CONSTRAINT_UNIQUE), (_, .SQLITE_CONSTRAINT_PRIMARYKEY): return .uniqueViolation(detail)
    case (_, .SQLITE_CONSTRAINT_FOREIGNKEY): return .foreignKeyViolation(detail)
    case (.SQLITE_CONSTRAINT, _): return .checkViolation(detail)
    case (.SQLITE_BUSY, _), (.SQLITE_LOCKED, _): return .busy(detail)
    case (.SQLITE_CANTOPEN, _), (.SQLITE_NOTADB, _), (.SQLITE_IOERR, _): return .unavailable(detail)
    default: return .failed(detail)
    }
  }
}
