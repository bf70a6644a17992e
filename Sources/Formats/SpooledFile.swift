#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// What came through a pipe or from standard input, kept in a temporary file so that it can be read again and again.
///
/// Only this process's user can read the file, and it has no name: nothing is left of it when the process ends.
public final class SpooledFile: Sendable {
  private let descriptor: Int32

  /// Reads `source` to its end, which blocks the calling thread, and keeps it in `folder`.
  ///
  /// Throws a ``FileError``: with `EFBIG` for a source of more than `limit` bytes, and as ``FileBytes`` does. It names
  /// `folder` where that cannot be written.
  public init(
    of source: String, in folder: String, limit: Int64, progress: (_ bytesRead: Int64) -> Void
  ) throws {
    // mkstemp puts a name that nobody has in place of the six X.
    var template = Array("\(folder)/geminivideo-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw FileError(path: folder, code: errno) }
    unlink(template)
    self.descriptor = descriptor
    try FileBytes.forEachChunk(path: source) { chunk, bytesRead, _ in
      guard bytesRead <= limit else { throw FileError(path: source, code: EFBIG) }
      try Self.write(chunk, to: descriptor, folder)
      progress(bytesRead)
    }
  }

  deinit {
    close(descriptor)
  }

  /// Where it can be read from its beginning, as long as this lives.
  public var path: String { "/dev/fd/\(descriptor)" }

  private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ folder: String) throws(FileError) {
    var rest = bytes
    while !rest.isEmpty {
      #if canImport(Darwin)
        let count = Darwin.write(descriptor, rest.baseAddress, rest.count)
      #else
        let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
      #endif
      if count < 0 {
        guard errno == EINTR else { throw FileError(path: folder, code: errno) }
        continue
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }
}
