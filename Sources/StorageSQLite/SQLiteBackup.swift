import GRDB
import Glibc
import Storage

import enum Storage.DatabaseError

/// Copies a database as of one moment, while others read and write it.
public struct SQLiteBackup: Sendable {
  private let path: String

  /// Takes the file of the database to copy.
  public init(of path: String) {
    self.path = path
  }

  /// Writes the copy to `target`, readable only by its owner. The copy has another name until it is complete and on
  /// disk, which it is when this returns.
  ///
  /// Throws ``DatabaseError/unwritable(_:)`` where `target` exists or cannot be written.
  public func write(to target: String) throws(DatabaseError) {
    guard access(target, F_OK) != 0 else { throw .unwritable("\(target) exists already; name another file") }
    let part = target + ".part"
    unlink(part)
    try SQLiteFile(path: part).make()
    do throws(DatabaseError) {
      try copy(to: part)
      try Self.synchronize(part)
      guard rename(part, target) == 0 else { throw Self.failure(target) }
      try Self.synchronize(
        target.contains("/") ? String(target[...(target.lastIndex(of: "/") ?? target.startIndex)]) : ".")
    } catch {
      unlink(part)
      throw error
    }
  }

  private func copy(to target: String) throws(DatabaseError) {
    do {
      var configuration = Configuration()
      configuration.busyMode = .timeout(10)
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [target]) }
    } catch let error as GRDBError {
      throw SQLiteFailure().translation(of: error)
    } catch {
      throw .failed("\(error)")
    }
  }

  /// SQLite does not wait until the copy is on disk; this does.
  private static func synchronize(_ path: String) throws(DatabaseError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure(path) }
  }

  private static func failure(_ path: String) -> DatabaseError {
    .unwritable("\(path): \(String(cString: strerror(errno)))")
  }
}
