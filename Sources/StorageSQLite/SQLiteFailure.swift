import GRDB
import Storage

import enum Storage.DatabaseError

/// Converts SQLite's result codes into this system's errors.
struct SQLiteFailure {
  /// Whether the transaction only reads: a write in it is a mistake of the caller, not of the disk.
  var isRead = false

  func translated<Result>(_ work: () async throws -> Result) async throws -> Result {
    do {
      return try await work()
    } catch let error as GRDBError {
      throw translation(of: error)
    }
  }

  func translated<Result>(_ work: () throws -> Result) throws -> Result {
    do {
      return try work()
    } catch let error as GRDBError {
      throw translation(of: error)
    }
  }

  func translation(of error: GRDBError) -> DatabaseError {
    let detail = error.message ?? "\(error.extendedResultCode)"
    switch (error.resultCode, error.extendedResultCode) {
    case (_, .SQLITE_CONSTRAINT_UNIQUE), (_, .SQLITE_CONSTRAINT_PRIMARYKEY): return .uniqueViolation(detail)
    case (_, .SQLITE_CONSTRAINT_FOREIGNKEY): return .foreignKeyViolation(detail)
    case (.SQLITE_CONSTRAINT, _): return .checkViolation(detail)
    case (.SQLITE_BUSY, _), (.SQLITE_LOCKED, _): return .busy(detail)
    case (.SQLITE_FULL, _): return .unwritable("\(detail); free some disk space")
    case (.SQLITE_READONLY, _) where !isRead: return .unwritable("\(detail); is its file system read-only?")
    case (.SQLITE_CANTOPEN, _), (.SQLITE_NOTADB, _), (.SQLITE_IOERR, _): return .unavailable(detail)
    default: return .failed(detail)
    }
  }
}
