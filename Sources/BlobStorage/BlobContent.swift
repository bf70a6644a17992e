import Formats
import Values

/// The bytes of a blob to be written, which can be read again from any place: a store that is interrupted goes on, or
/// begins anew, without its caller.
package struct BlobContent: Sendable {
  /// The number of bytes.
  package let length: Int64
  private let source: @Sendable (_ offset: Int64, _ count: Int) async throws -> [UInt8]

  /// Content of `length` bytes. `read` gives `count` of them from `offset` on, and fewer only where there are no more.
  package init(length: Int64, read: @escaping @Sendable (_ offset: Int64, _ count: Int) async throws -> [UInt8]) {
    self.length = max(length, 0)
    source = read
  }

  /// Bytes that are held already.
  package init(_ bytes: [UInt8]) {
    self.init(length: Int64(bytes.count)) { offset, count in
      let start = Int(clamping: min(offset, Int64(bytes.count)))
      return Array(bytes[start..<min(start + count, bytes.count)])
    }
  }

  /// The bytes of the file at `path`, which must not change until they are written. Throws a `FileError`.
  package init(file path: String) async throws {
    let stamp = try await BlockingCalls.run { try FileStamp(of: path) }
    self.init(length: stamp.size) { offset, count in
      try await BlockingCalls.run { try FileBytes.slice(of: path, from: offset, count: count) }
    }
  }

  /// Exactly `count` bytes from `offset` on. Throws a ``BlobStoreError``.
  package func read(from offset: Int64, count: Int) async throws(BlobStoreError) -> [UInt8] {
    let bytes: [UInt8]
    do {
      bytes = try await source(offset, count)
    } catch is CancellationError {
      throw .cancelled
    } catch {
      throw .refused("the content cannot be read: \(error)")
    }
    guard bytes.count == count else {
      throw .refused("the content has changed: it ends before its \(length) bytes")
    }
    return bytes
  }

  /// The bytes in order, in pieces of at most `pieceBytes`.
  package func forEachPiece(
    of pieceBytes: Int, _ body: ([UInt8]) async throws(BlobStoreError) -> Void
  ) async throws(BlobStoreError) {
    var offset: Int64 = 0
    while offset < length {
      if Task.isCancelled { throw .cancelled }
      let piece = try await read(from: offset, count: Int(clamping: min(Int64(pieceBytes), length - offset)))
      try await body(piece)
      offset += Int64(piece.count)
    }
  }

  /// The checksum of all bytes, which are read for it.
  package func checksum() async throws(BlobStoreError) -> UInt32 {
    var checksum = CRC32C()
    try await forEachPiece(of: 1 << 20) { checksum.update($0) }
    return checksum.value
  }
}
