import CZlib
import Formats
import Values

/// Reads the numbers of a file in order and little endian. Nothing is allocated for numbers that the file is too short
/// to hold. Blocks the calling thread.
struct VectorFileReader {
  private enum Source {
    case memory([UInt8])
    case file(String)
  }

  /// Bytes that are read from a file at once.
  private static let pieceBytes = 1 << 20

  private let source: Source
  private let size: Int
  /// The CRC-32 of all that was read.
  private(set) var checksum: UInt32 = 0
  private var position = 0
  private var buffer: [UInt8] = []
  private var bufferStart = 0

  init(_ bytes: [UInt8]) {
    source = .memory(bytes)
    size = bytes.count
  }

  /// Reads the regular file at `path`. Throws a ``VectorIndexError``.
  init(path: String) throws(VectorIndexError) {
    do {
      size = try Int(clamping: FileStamp(of: path).size)
    } catch {
      throw .failed("\(error)")
    }
    source = .file(path)
  }

  /// How many bytes are left.
  var remaining: Int { size - position }

  mutating func number<Number: FixedWidthInteger & BitwiseCopyable>(
    _ type: Number.Type = Number.self
  ) throws(VectorIndexError) -> Number {
    Number(littleEndian: try array(of: type, count: 1)[0])
  }

  mutating func bytes(_ count: Int) throws(VectorIndexError) -> [UInt8] {
    try array(of: UInt8.self, count: count)
  }

  /// A count that is followed by so many numbers, as FAISS and snapshots write arrays.
  mutating func counted<Number: BitwiseCopyable>(
    _ type: Number.Type = Number.self
  ) throws(VectorIndexError) -> [Number] {
    try array(of: type, count: Int(clamping: number(UInt64.self)))
  }

  /// `count` numbers. Processors that this runs on are little endian, as the files are.
  mutating func array<Number: BitwiseCopyable>(
    of type: Number.Type = Number.self, count: Int
  ) throws(VectorIndexError) -> [Number] {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Number>.stride)
    guard count >= 0, !overflow, bytes <= remaining else { throw .failed("the file ends early") }
    var failure: VectorIndexError?
    let numbers = [Number](unsafeUninitializedCapacity: count) { numbers, filled in
      do throws(VectorIndexError) {
        try fill(UnsafeMutableRawBufferPointer(numbers))
        filled = count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return numbers
  }

  private mutating func fill(_ target: UnsafeMutableRawBufferPointer) throws(VectorIndexError) {
    var filled = 0
    while filled < target.count {
      if case let left = bufferStart + buffer.count - position, left > 0 {
        let taken = min(left, target.count - filled)
        let start = position - bufferStart
        buffer.withUnsafeBytes {
          UnsafeMutableRawBufferPointer(rebasing: target[filled..<(filled + taken)])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[start..<(start + taken)]))
        }
        filled += taken
        position += taken
      } else {
        try readPiece()
      }
    }
    checksum = UInt32(
      truncatingIfNeeded: crc32_z(
        uLong(checksum), target.baseAddress?.assumingMemoryBound(to: UInt8.self), target.count))
  }

  private mutating func readPiece() throws(VectorIndexError) {
    bufferStart = position
    switch source {
    case .memory(let bytes):
      bufferStart = 0
      buffer = bytes
    case .file(let path):
      do {
        buffer = try FileBytes.slice(of: path, from: Int64(position), count: Self.pieceBytes)
      } catch {
        throw .failed("\(error)")
      }
      // The file may have become shorter since it was measured.
      guard !buffer.isEmpty else { throw .failed("the file ends early") }
    }
  }
}
