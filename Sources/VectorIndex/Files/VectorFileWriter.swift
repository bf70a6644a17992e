import CZlib
import Values

/// Writes numbers in order and little endian, and hands them over in pieces.
struct VectorFileWriter {
  private static let pieceBytes = 1 << 20

  /// The CRC-32 of all that was written.
  private(set) var checksum: UInt32 = 0
  private let receive: ([UInt8]) throws -> Void
  private var buffer: [UInt8] = []

  /// `receive` gets the bytes in order, a megabyte or so at a time.
  init(receive: @escaping ([UInt8]) throws -> Void) {
    self.receive = receive
  }

  mutating func number<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number) throws {
    try array([number.littleEndian])
  }

  /// A count and the numbers.
  mutating func counted<Number: BitwiseCopyable>(_ numbers: [Number]) throws {
    try number(UInt64(numbers.count))
    try array(numbers)
  }

  /// Numbers without their count. Processors that this runs on are little endian, as the files are.
  mutating func array<Number: BitwiseCopyable>(_ numbers: [Number]) throws {
    try numbers.withUnsafeBytes { bytes in
      checksum = UInt32(
        truncatingIfNeeded: crc32_z(
          uLong(checksum), bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
      )
      for start in stride(from: 0, to: bytes.count, by: Self.pieceBytes) {
        buffer.append(contentsOf: bytes[start..<min(start + Self.pieceBytes, bytes.count)])
        if buffer.count >= Self.pieceBytes { try flush() }
      }
    }
  }

  /// Hands over what is left.
  mutating func flush() throws {
    guard !buffer.isEmpty else { return }
    try receive(buffer)
    buffer.removeAll(keepingCapacity: true)
  }
}
