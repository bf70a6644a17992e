import Values

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A file that could not be opened or read.
public struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The path as it was given; `-` means standard input.
  public let path: String
  /// The system's error number, such as `ENOENT`.
  public let code: Int32

  /// Makes an error for a path from the system's error number.
  public init(path: String, code: Int32) {
    self.path = path
    self.code = code
  }

  /// The system's message for the error number.
  public var message: String { String(cString: strerror(code)) }

  /// One line for people, such as `ads.csv: No such file or directory`.
  public var description: String { "\(path): \(message)" }
}

/// Reads files in chunks, so that large files need little memory.
public struct FileBytes {
  /// Passes a file to `body` chunk by chunk, in order; an empty file has no chunk.
  ///
  /// - Parameters:
  ///   - path: the file; `-` reads standard input.
  ///   - chunkBytes: the most bytes in one chunk, at least 1.
  ///   - body: gets the chunk, valid only during the call, the bytes read so far with this chunk, and the
  ///     file's size where it is known.
  ///
  /// Throws `FileError` for a missing file, a directory or a failing read, and whatever `body` throws.
  public static func forEachChunk(
    path: String, chunkBytes: Int = 1 << 18,
    _ body: (UnsafeRawBufferPointer, _ bytesRead: Int64, _ totalBytes: Int64?) throws -> Void
  ) throws {
    let isStandardInput = path == "-"
    let descriptor = isStandardInput ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(path: path, code: errno) }
    defer { if !isStandardInput { close(descriptor) } }
    let size = try fileSize(descriptor, path)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, chunkBytes), alignment: 16)
    defer { buffer.deallocate() }
    var bytesRead: Int64 = 0
    while case let count = try readOnce(descriptor, into: buffer, path), count > 0 {
      bytesRead += Int64(count)
      try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]), bytesRead, size)
    }
  }

  /// Whether reading `path` a second time gives the same bytes: not so for standard input (`-`), pipes and the like.
  ///
  /// True for a path that cannot be examined: reading it will report why.
  public static func canBeReadAgain(path: String) -> Bool {
    guard path != "-" else { return false }
    var status = stat()
    return stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG
  }

  /// The size of a regular file; nil for pipes and the like, which have none.
  private static func fileSize(_ descriptor: Int32, _ path: String) throws(FileError) -> Int64? {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError(path: path, code: errno) }
    let type = status.st_mode & S_IFMT
    // Opening a directory succeeds; only reading it would fail.
    guard type != S_IFDIR else { throw FileError(path: path, code: EISDIR) }
    return type == S_IFREG ? Int64(status.st_size) : nil
  }

  private static func readOnce(
    _ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, _ path: String
  ) throws(FileError) -> Int {
    while true {
      let count = read(descriptor, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      // A signal may interrupt a read that has not begun; the read is then repeated.
      guard errno == EINTR else { throw FileError(path: path, code: errno) }
    }
  }
}
