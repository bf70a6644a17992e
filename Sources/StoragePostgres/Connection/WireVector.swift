import Values

/// A vector in pgvector's binary format: the number of components, two zero bytes, and the bits of each component.
struct WireVector {
  /// The type's name; its OID differs between databases.
  static let typeName = "vector"

  let numbers: [Float]

  init(_ numbers: [Float]) {
    self.numbers = numbers
  }

  /// Nil where the bytes are not a vector.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= 4 else { return nil }
    let count = Int(UInt16(bigEndian: bytes.loadUnaligned(as: UInt16.self)))
    guard bytes.count == 4 + 4 * count else { return nil }
    numbers = (0..<count).map { index in
      Float(bitPattern: UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4 + 4 * index, as: UInt32.self)))
    }
  }

  func append(to bytes: inout [UInt8]) {
    withUnsafeBytes(of: UInt32(clamping: numbers.count).bigEndian) { count in
      bytes.append(contentsOf: count[2...3])
      bytes.append(contentsOf: [0, 0])
    }
    for number in numbers { withUnsafeBytes(of: number.bitPattern.bigEndian) { bytes.append(contentsOf: $0) } }
  }
}
