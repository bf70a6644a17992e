import Values

/// The checksum CRC-32C of bytes that come piece by piece (Castagnoli's polynomial, as in RFC 3720, appendix B.4).
package struct CRC32C: Hashable, Sendable {
  private var register: UInt32 = 0xFFFF_FFFF

  /// The checksum of no bytes.
  package init() {}

  /// The checksum of what came so far.
  package var value: UInt32 { ~register }

  /// The checksum of `bytes`.
  package static func value(of bytes: [UInt8]) -> UInt32 {
    var checksum = Self()
    checksum.update(bytes)
    return checksum.value
  }

  /// Takes the next bytes.
  package mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { update($0) }
  }

  /// Takes the next bytes.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    register = Self.tables.withUnsafeBufferPointer { Self.advanced(register, over: bytes, by: $0) }
  }

  /// Eight bytes at a time, each by a table of its own ("slicing by 8").
  private static func advanced(
    _ start: UInt32, over bytes: UnsafeRawBufferPointer, by tables: UnsafeBufferPointer<UInt32>
  ) -> UInt32 {
    var register = start
    var position = 0
    while bytes.count - position >= 8 {
      let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
      let low = UInt32(truncatingIfNeeded: word) ^ register
      let high = UInt32(truncatingIfNeeded: word >> 32)
      register =
        tables[0x700 + Int(low & 0xFF)] ^ tables[0x600 + Int(low >> 8 & 0xFF)]
        ^ tables[0x500 + Int(low >> 16 & 0xFF)] ^ tables[0x400 + Int(low >> 24)]
        ^ tables[0x300 + Int(high & 0xFF)] ^ tables[0x200 + Int(high >> 8 & 0xFF)]
        ^ tables[0x100 + Int(high >> 16 & 0xFF)] ^ tables[Int(high >> 24)]
      position += 8
    }
    while position < bytes.count {
      register = register >> 8 ^ tables[Int((register ^ UInt32(bytes[position])) & 0xFF)]
      position += 1
    }
    return register
  }

  /// Table `k` holds, at `256 * k + byte`, what becomes of a byte that `k` zero bytes follow.
  private static let tables: [UInt32] = {
    // The polynomial 0x1EDC6F41 with its bits in reverse order.
    let polynomial: UInt32 = 0x82F6_3B78
    var tables = (0..<256).map { byte in
      (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ polynomial : value >> 1 }
    }
    for index in 256..<2_048 {
      let before = tables[index - 256]
      tables.append(before >> 8 ^ tables[Int(before & 0xFF)])
    }
    return tables
  }()
}
