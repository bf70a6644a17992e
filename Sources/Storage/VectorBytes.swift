/// A vector in a database that knows bytes alone: the bits of each number in four bytes, the lowest first.
public enum VectorBytes {
  /// The bytes of `numbers`.
  public static func bytes(of numbers: [Float]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(4 * numbers.count)
    for number in numbers { withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes.append(contentsOf: $0) } }
    return bytes
  }

  /// The numbers of `bytes`; nil where these are no vector's.
  public static func numbers(of bytes: [UInt8]) -> [Float]? {
    guard !bytes.isEmpty, bytes.count.isMultiple(of: 4) else { return nil }
    return bytes.withUnsafeBytes { bytes in
      stride(from: 0, to: bytes.count, by: 4).map { start in
        Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self)))
      }
    }
  }
}
