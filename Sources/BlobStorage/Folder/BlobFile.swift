import Formats
import Values

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A file that may be closed once: it is when nobody holds it any more.
final class OpenFile: Sendable {
  let descriptor: Int32
  let path: String

  /// Throws a ``BlobStoreError``; nil for a file that is not there, or only as a link to another one.
  init?(opening path: String, _ flags: Int32, mode: mode_t = 0o600) throws(BlobStoreError) {
    // A pipe in place of a file must not keep its opener waiting.
    let descriptor = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, mode)
    if descriptor < 0 {
      guard ![ENOENT, ENOTDIR, ELOOP].contains(errno) else { return nil }
      throw .file(path, errno)
    }
    self.descriptor = descriptor
    self.path = path
  }

  deinit {
    close(descriptor)
  }

  /// Its size in bytes; nil for what is no regular file.
  func size() throws(BlobStoreError) -> Int64? {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .file(path, errno) }
    return status.st_mode & S_IFMT == S_IFREG ? Int64(status.st_size) : nil
  }

  /// Up to `count` bytes from `offset` on; fewer only at the file's end.
  func read(from offset: Int64, count: Int) throws(BlobStoreError) -> [UInt8] {
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
    guard code == 0 else { throw .file(path, code) }
    return bytes
  }

  func write(_ bytes: [UInt8], at offset: Int64) throws(BlobStoreError) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes {
        pwrite(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written, off_t(offset) + off_t(written))
      }
      if count < 0 {
        guard errno == EINTR else { throw .file(path, errno) }
        continue
      }
      written += count
    }
  }

  /// Returns once the disk has what was written.
  func flush() throws(BlobStoreError) {
    guard fsync(descriptor) == 0 else { throw .file(path, errno) }
  }

  /// Takes the file's lock, which ends with the process or when the file is closed. Returns false where another has it
  /// and this does not wait.
  @discardableResult
  func lock(waiting: Bool = true) throws(BlobStoreError) -> Bool {
    while flock(descriptor, LOCK_EX | (waiting ? 0 : LOCK_NB)) != 0 {
      if errno == EWOULDBLOCK { return false }
      guard errno == EINTR else { throw .file(path, errno) }
    }
    return true
  }
}

extension BlobStoreError {
  /// The error of a call to the system.
  static func file(_ path: String, _ code: Int32) -> Self {
    let reason = "\(FileError(path: path, code: code))"
    switch code {
    case EACCES, EPERM, EROFS: return .denied("\(reason); let this user write to the folder, or name another one")
    case EISDIR, ENAMETOOLONG, ENXIO: return .refused(reason)
    default: return .unavailable(reason)
    }
  }
}

/// What stands before a blob's bytes in its file.
struct BlobHeader: Equatable {
  /// Bytes of a header.
  static let length = 32
  private static let magic = Array("GVBLOB01".utf8)

  let generation: BlobGeneration
  /// Bytes behind the header.
  let size: Int64
  let checksum: UInt32

  init(generation: BlobGeneration, size: Int64, checksum: UInt32) {
    self.generation = generation
    self.size = size
    self.checksum = checksum
  }

  /// Nil for bytes that are no header.
  init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.length, bytes.starts(with: Self.magic) else { return nil }
    let number = { (range: Range<Int>) in bytes[range].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
    guard CRC32C.value(of: Array(bytes[..<28])) == UInt32(truncatingIfNeeded: number(28..<32)) else { return nil }
    generation = BlobGeneration(Int64(bitPattern: number(8..<16)))
    size = Int64(bitPattern: number(16..<24))
    checksum = UInt32(truncatingIfNeeded: number(24..<28))
    // No file is as large as that: sums of it must not overflow.
    guard (0..<1 << 60).contains(size) else { return nil }
  }

  var bytes: [UInt8] {
    var bytes = Self.magic
    let append = { (bytes: inout [UInt8], value: UInt64, count: Int) in
      for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * UInt64(index)))) }
    }
    append(&bytes, UInt64(bitPattern: generation.value), 8)
    append(&bytes, UInt64(bitPattern: size), 8)
    append(&bytes, UInt64(checksum), 4)
    append(&bytes, UInt64(CRC32C.value(of: bytes)), 4)
    return bytes
  }

  /// The header of an open file; nil for a file that does not begin with one.
  static func read(of file: OpenFile) throws(BlobStoreError) -> Self? {
    guard try file.size() != nil else { return nil }
    return Self(try file.read(from: 0, count: length))
  }

  func blob(_ name: BlobName) -> Blob {
    Blob(
      name: name, generation: generation, size: size, checksum: checksum,
      writtenAt: Instant(microseconds: generation.value))
  }
}
