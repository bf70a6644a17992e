import Values

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A file's bytes in memory, read when they are first looked at and shared with other processes that map it.
///
/// Whoever replaces such a file must put another in its place, not write into it: bytes that are no longer there stop
/// the program when they are looked at.
public final class MappedFile: @unchecked Sendable {
  // Unchecked: the bytes are mapped for reading alone, and unmapped when nobody has a reference.

  /// The bytes, valid as long as this object; aligned to a page.
  public let bytes: UnsafeRawBufferPointer

  /// Maps a regular file of 1 to `largest` bytes. Throws a `FileError` for any other, `EFBIG` for a larger one.
  public init(path: String, largest: Int) throws(FileError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(path: path, code: errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError(path: path, code: errno) }
    guard status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else { throw FileError(path: path, code: EINVAL) }
    guard status.st_size <= largest else { throw FileError(path: path, code: EFBIG) }
    let count = Int(status.st_size)
    let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
    guard let start, start != MAP_FAILED else { throw FileError(path: path, code: errno) }
    bytes = UnsafeRawBufferPointer(start: start, count: count)
  }

  deinit {
    munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
  }

  /// Gives back the memory of what was looked at; it is read anew when it is looked at again.
  public func release() {
    madvise(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count, MADV_DONTNEED)
  }
}
