import CZlib
import Values

/// Compresses and decompresses bytes with DEFLATE (RFC 1951).
public enum Deflate {
  /// The framing around compressed bytes.
  public enum Framing: Sendable {
    /// Nothing, as in a ZIP archive.
    case none
    /// The header and the checksum of zlib (RFC 1950).
    case zlib

    /// zlib's window size parameter: negative without header and checksum.
    fileprivate var windowBits: Int32 {
      switch self {
      case .none: -MAX_WBITS
      case .zlib: MAX_WBITS
      }
    }
  }

  /// Why bytes cannot be decompressed.
  public enum Failure: Error, Hashable, Sendable {
    /// They are not compressed bytes, or were changed.
    case damaged
    /// Their end is missing.
    case cutOff
    /// They decompress to more than was allowed.
    case tooLarge
  }

  private static let pieceBytes = 1 << 16

  /// Compresses `bytes`, with zlib framing. Another release of zlib may produce different output for the same bytes.
  public static func pack(_ bytes: [UInt8]) -> [UInt8] {
    let room = compressBound(UInt(bytes.count))
    return [UInt8](unsafeUninitializedCapacity: Int(room)) { packed, count in
      var length = room
      let result = compress2(packed.baseAddress, &length, bytes, UInt(bytes.count), Z_DEFAULT_COMPRESSION)
      // With this much space it can fail only for lack of memory, as an array would.
      precondition(result == Z_OK, "zlib got no memory")
      count = Int(length)
    }
  }

  /// Decompresses bytes with zlib framing into at most `limit` bytes.
  public static func unpack(_ packed: [UInt8], limit: Int) throws(Failure) -> [UInt8] {
    var bytes: [UInt8] = []
    do {
      try packed.withUnsafeBytes { packed in
        try unpack(packed, .zlib, limit: limit) { bytes.append(contentsOf: $0) }
      }
    } catch let failure as Failure {
      throw failure
    } catch {
      throw .damaged
    }
    return bytes
  }

  /// Decompresses bytes and passes the output to `body` piece by piece. Throws a ``Failure``, ``Failure/tooLarge``
  /// before more than `limit` bytes have been passed on, and what `body` throws.
  public static func unpack(
    _ packed: UnsafeRawBufferPointer, _ framing: Framing, limit: Int, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    var stream = z_stream()
    guard let packedBytes = UInt32(exactly: packed.count) else { throw Failure.tooLarge }
    guard
      inflateInit2_(&stream, framing.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { throw Failure.damaged }
    defer { inflateEnd(&stream) }
    stream.next_in = UnsafeMutablePointer(mutating: packed.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.avail_in = packedBytes
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceBytes, alignment: 16)
    defer { piece.deallocate() }
    var bytes = 0
    while true {
      stream.next_out = piece.baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.avail_out = UInt32(pieceBytes)
      let result = inflate(&stream, Z_NO_FLUSH)
      // Z_BUF_ERROR: the remaining input produces no more output.
      guard result == Z_OK || result == Z_STREAM_END else {
        throw result == Z_BUF_ERROR ? Failure.cutOff : Failure.damaged
      }
      let count = pieceBytes - Int(stream.avail_out)
      bytes += count
      guard bytes <= limit else { throw Failure.tooLarge }
      try body(UnsafeRawBufferPointer(rebasing: piece[..<count]))
      if result == Z_STREAM_END { return }
    }
  }
}
