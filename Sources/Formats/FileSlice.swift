import Values

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Distinguishes versions of a regular file by size and modification time.
public struct FileStamp: Hashable, Sendable {
  /// Bytes.
  public let size: Int64
  /// When it was last written.
  public let modifiedAt: Instant

  public init(size: Int64, modifiedAt: Instant) {
    self.size = size
    self.modifiedAt = modifiedAt
  }

  /// The stamp of the file at `path`. Throws a ``FileError``, with `EINVAL` for anything but a regular file.
  public init(of path: String) throws(FileError) {
    var status = stat()
    guard stat(path, &status) == 0 else { throw FileError(path: path, code: errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw FileError(path: path, code: EINVAL) }
    #if canImport(Darwin)
      let time = status.st_mtimespec
    #else
      let time = status.st_mtim
    #endif
    self.init(
      size: Int64(status.st_size),
      modifiedAt: Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000))
  }
}

extension FileBytes {
  /// Reads `count` bytes of the file at `path` from `offset` on, fewer only at its end. Blocks the calling thread.
  ///
  /// Throws a ``FileError``.
  public static func slice(of path: String, from offset: Int64, count: Int) throws(FileError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(path: path, code: errno) }
    defer { close(descriptor) }
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: max(count, 0)) { buffer, filled in
      let wanted = UnsafeMutableRawBufferPointer(buffer)
      while filled < wanted.count {
        let read = pread(
          descriptor, wanted.baseAddress?.advanced(by: filled), wanted.count - filled, off_t(offset) + off_t(filled))
        if read == 0 { return }
        if read > 0 {
          filled += read
        } else if errno != EINTR {
          code = errno
          return
        }
      }
    }
    guard code == 0 else { throw FileError(path: path, code: code) }
    return bytes
  }
}
