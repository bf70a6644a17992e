import Foundation
import GRDB
import GRDBSQLite
import Storage

import protocol Storage.Database
import enum Storage.DatabaseError

/// SQLite in a file, through GRDB: one writer, many readers, write-ahead log.
public struct SQLiteDatabase: Database {
  /// One writer and a group of readers.
  private let pool: DatabasePool
  private let path: String
  private let file: SQLiteFile
  /// Which write of this process comes next; GRDB's own queue has neither a limit nor a timeout.
  private let turns: Turns
  private let secondsToWrite: Int64

  /// The most writes of this process that may wait.
  private static let mostWaiting = 10_000

  /// SQLite's own way of writing SQL.
  public var dialect: Dialect { .sqlite }

  /// Opens the file at `path`. Where it is missing and `isMade` is true, it is created with its folder, accessible only
  /// to their owner.
  ///
  /// A commit is on disk when it returns. GRDB's pool lowers `synchronous` to NORMAL after it has prepared its writer,
  /// so FULL is set once the pool is open. A write waits at most `secondsToWrite` for other writes, those of this
  /// process and of other processes together. Throws ``DatabaseError/unavailable(_:)`` or
  /// ``DatabaseError/unwritable(_:)``.
  public init(path: String, isMade: Bool = true, secondsToWrite: Int64 = 10) throws(DatabaseError) {
    self.path = path
    file = SQLiteFile(path: path)
    self.secondsToWrite = secondsToWrite
    turns = Turns(mostWaiting: Self.mostWaiting, longestWait: .seconds(secondsToWrite))
    if isMade {
      try file.make()
    } else if !file.exists {
      throw .unavailable("there is no file \(path)")
    }
    do {
      var configuration = Configuration()
      configuration.busyMode = .timeout(TimeInterval(secondsToWrite))
      configuration.maximumReaderCount = 8
      configuration.prepareDatabase { connection in
        try connection.execute(sql: "PRAGMA cache_size = -16000")
      }
      pool = try Self.openedPool(path: path, configuration: configuration)
      try pool.writeWithoutTransaction { connection in
        try connection.execute(sql: "PRAGMA synchronous = FULL")
      }
    } catch let error as GRDBError {
      if case .unwritable = SQLiteFailure().translation(of: error) { throw .unwritable("\(path): \(error)") }
      throw .unavailable("\(path): \(error)")
    } catch {
      throw .unavailable("\(path): \(error)")
    }
  }

  /// Whether a file exists at `path`.
  public static func exists(at path: String) -> Bool { SQLiteFile(path: path).exists }

  /// Opens the pool, retrying for some ten seconds while another process holds the lock.
  ///
  /// SQLite itself does not wait for the lock under which a new file gets its write-ahead log: of several processes
  /// that start at once on a new file, all but one would be refused.
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

  /// Runs `body` on a snapshot, concurrently with other readers and the writer.
  public func read<Result: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result {
    try await SQLiteFailure(isRead: true).translated {
      try await pool.read { connection in
        try body(SQLiteTransaction(connection: connection, isRead: true))
      }
    }
  }

  /// Runs `body` as the only writer, in an immediate transaction. Fails with ``DatabaseError/busy(_:)`` where others
  /// keep writing for longer than the waiting time.
  public func write<Result: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result {
    let scope = AccountScope.current
    return try await turns.withTurn(of: "") { waited in
      try await SQLiteFailure().translated {
        try await pool.writeWithoutTransaction { connection in
          connection.wait(forOthers: secondsToWrite * 1_000 - waited / 1_000)
          return try connection.inImmediateTransaction {
            let transaction = SQLiteTransaction(connection: connection)
            try scope.prove(in: transaction)
            return try body(transaction)
          }
        }
      }
    }
  }

  /// Runs `body` as the only writer. A rebuild checks foreign keys only before the commit, on a separate connection,
  /// because the connection of the other writes always checks them.
  public func changeSchema<Result: Sendable>(
    _ change: SchemaChange, _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result? {
    guard change == .rebuild else { return try await write(body) }
    return try await turns.withTurn(of: "") { waited in
      try await SQLiteFailure().translated {
        try await pool.writeWithoutTransaction { _ in
          try rebuilder().writeWithoutTransaction { connection in
            connection.wait(forOthers: secondsToWrite * 1_000 - waited / 1_000)
            return try connection.inImmediateTransaction {
              let result = try body(SQLiteTransaction(connection: connection))
              try connection.checkForeignKeys()
              return result
            }
          }
        }
      }
    }
  }

  /// A connection that does not check foreign keys while writing.
  private func rebuilder() throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    configuration.prepareDatabase { connection in
      try connection.execute(sql: "PRAGMA synchronous = FULL")
    }
    return try DatabaseQueue(path: path, configuration: configuration)
  }

  /// Checks the file and its disk: a test write would wait for an import in progress.
  public func checkWritable() async throws {
    try file.checkWritable()
    try await read { _ = try $0.query("SELECT 1 AS one") }
  }
}

extension GRDBConnection {
  /// Makes the following statements wait this many milliseconds for another process's lock.
  fileprivate func wait(forOthers milliseconds: Int64) {
    sqlite3_busy_timeout(sqliteConnection, Int32(clamping: max(1, milliseconds)))
  }

  fileprivate func inImmediateTransaction<Result>(_ body: () throws -> Result) throws -> Result {
    var result: Result?
    try inTransaction(.immediate) {
      result = try body()
      return .commit
    }
    guard let result else { throw DatabaseError.failed("the transaction did not run") }
    return result
  }
}
