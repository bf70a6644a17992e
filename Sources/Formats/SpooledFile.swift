#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Input from a pipe or standard input, stored in a temporary file so that it can be read several times.
///
/// Only this process's user can read the file, and it has no name: nothing remains of it when the process ends.
public final class SpooledFile: Sendable {
  private let descriptor: Int32

  /// Reads `source` to its end, which blocks the calling thread, and stores it in `folder`.
  ///
  /// Throws a ``FileError``: with `EFBIG` for a source of more than `limit` bytes, and as ``FileBytes`` does. The error
  /// names `folder` where that cannot be written.
  public init(
    of source: String, in folder: String, limit: Int64, progress: (_ bytesRead: Int64) -> Void
  ) throws {
    // mkstemp replaces the six X by characters that make the name unique.
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

  /// A path from which it can be read from its beginning, as long as this object exists.
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
