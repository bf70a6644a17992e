import Glibc
import Storage
import Values

/// A database file as the operating system sees it.
struct SQLiteFile: Sendable {
  let path: String
  /// With fewer free bytes on the disk the database is treated as full.
  var leastFreeBytes: UInt64 = 1 << 20

  private static let ownerOnly = (file: mode_t(0o600), folder: mode_t(0o700))

  private var folder: String? {
    guard let slash = path.lastIndex(of: "/") else { return nil }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  var exists: Bool { access(path, F_OK) == 0 }

  /// Creates the file and its folder where they are missing, accessible only to their owner. SQLite gives `-wal` and
  /// `-shm` files the same permissions.
  func make() throws(DatabaseError) {
    if let folder { try Self.makeFolder(folder) }
    let descriptor = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, Self.ownerOnly.file)
    guard descriptor >= 0 else {
      if errno == EEXIST { return }
      throw Self.failure(path)
    }
    close(descriptor)
  }

  private static func makeFolder(_ folder: String) throws(DatabaseError) {
    guard access(folder, F_OK) != 0 else { return }
    if let slash = folder.lastIndex(of: "/"), slash != folder.startIndex { try makeFolder(String(folder[..<slash])) }
    guard mkdir(folder, ownerOnly.folder) == 0 || errno == EEXIST else { throw failure(folder) }
  }

  /// Throws ``DatabaseError/unwritable(_:)`` where the disk is full or read-only.
  func checkWritable() throws(DatabaseError) {
    guard access(path, W_OK) == 0 else { throw Self.failure(path) }
    var disk = statvfs()
    guard statvfs(path, &disk) == 0 else { throw Self.failure(path) }
    let (free, isBeyond) = UInt64(disk.f_bavail).multipliedReportingOverflow(by: UInt64(disk.f_frsize))
    // Some file systems do not report their size.
    guard disk.f_blocks == 0 || isBeyond || free >= leastFreeBytes else {
      throw .unwritable("\(path): its disk has \(free) bytes left; free some")
    }
  }

  private static func failure(_ path: String) -> DatabaseError {
    let (code, detail) = (errno, "\(path): \(String(cString: strerror(errno)))")
    return [EROFS, ENOSPC, EDQUOT, EACCES, EPERM].contains(code) ? .unwritable(detail) : .unavailable(detail)
  }
}
