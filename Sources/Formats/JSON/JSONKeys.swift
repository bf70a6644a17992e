import Values

/// The keys that objects of one kind have, in the order in which they usually come.
///
/// A reader finds such a key by comparing bytes with the expected next key, without creating a string.
public struct JSONKeys: Sendable {
  /// The most keys that a kind of object may have.
  public static let limit = 64

  let names: [StaticString]

  /// At most ``limit`` keys, in their usual order.
  public init(_ names: StaticString...) {
    self.names = Array(names.prefix(Self.limit))
  }
}

extension JSONReader {
  /// A member of an object whose keys are known.
  public enum KnownKey {
    /// The key at this index of the known ones.
    case known(Int)
    /// Any other key.
    case unknown(String)
  }

  /// Reads an object, passing each member's key to `field`, which must consume exactly its value.
  ///
  /// Returns which of the keys were present: the bit at a key's index is set. Throws for another kind of value, a
  /// duplicate key, more than 32 levels, and whatever `field` throws.
  @discardableResult
  public mutating func readObject(
    _ keys: JSONKeys, _ field: (_ key: KnownKey, _ reader: inout JSONReader) throws -> Void
  ) throws -> UInt64 {
    var scope = try enterObject()
    var seen: UInt64 = 0
    var expected = 0
    while let span = try nextKeySpan(&scope) {
      guard let index = index(of: span, in: keys, expected: expected) else {
        try field(.unknown(try unknownKey(span, &scope)), &self)
        continue
      }
      guard seen & (1 << UInt64(index)) == 0 else {
        throw JSONError(offset: span.start - 1, rule: .duplicateKey(text(of: span)))
      }
      seen |= 1 << UInt64(index)
      expected = index + 1
      try field(.known(index), &self)
    }
    return seen
  }

  @inline(__always)
  private func index(of span: JSONStringSpan, in keys: JSONKeys, expected: Int) -> Int? {
    if expected < keys.names.count, isSame(span, keys.names[expected]) { return expected }
    return keys.names.firstIndex { isSame(span, $0) }
  }

  @inline(__always)
  private func isSame(_ span: JSONStringSpan, _ name: StaticString) -> Bool {
    let count = name.utf8CodeUnitCount
    guard !span.hasEscapes else { return text(of: span) == name.description }
    guard span.end - span.start == count else { return false }
    return Self.isSame(UnsafeRawBufferPointer(rebasing: bytes[span.start..<span.end]), name.utf8Start)
  }

  /// Whether `bytes` equal those at `other`, compared eight at a time; the last eight may overlap those before.
  @inline(__always)
  private static func isSame(_ bytes: UnsafeRawBufferPointer, _ other: UnsafePointer<UInt8>) -> Bool {
    let count = bytes.count
    guard count >= 8 else {
      for offset in 0..<count where bytes[offset] != other[offset] { return false }
      return true
    }
    let other = UnsafeRawPointer(other)
    func differs(at offset: Int) -> Bool {
      bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        != other.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }
    for offset in stride(from: 0, to: count - 8, by: 8) where differs(at: offset) { return false }
    return !differs(at: count - 8)
  }
}
