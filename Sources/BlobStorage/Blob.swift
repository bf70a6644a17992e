import Values

/// Which version of a blob: every write of a name has another, and a later one is greater.
package struct BlobGeneration: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let value: Int64

  package init(_ value: Int64) {
    self.value = value
  }

  package static func < (left: Self, right: Self) -> Bool { left.value < right.value }

  package var description: String { "\(value)" }
}

/// A blob as a store has it, without its bytes.
package struct Blob: Hashable, Sendable {
  package let name: BlobName
  package let generation: BlobGeneration
  /// Bytes.
  package let size: Int64
  /// CRC-32C of the bytes; nil where the store does not tell.
  package let checksum: UInt32?
  /// When this version was written, by the store's clock; nil where the store does not tell.
  package let writtenAt: Instant?

  package init(name: BlobName, generation: BlobGeneration, size: Int64, checksum: UInt32?, writtenAt: Instant?) {
    self.name = name
    self.generation = generation
    self.size = size
    self.checksum = checksum
    self.writtenAt = writtenAt
  }
}

/// A part of a list of blobs.
package struct BlobPage: Hashable, Sendable {
  /// In the order of their names. A page may be empty and still have a next one.
  package let blobs: [Blob]
  /// What the next page is asked for by; nil for the last one.
  package let next: String?

  package init(blobs: [Blob], next: String?) {
    self.blobs = blobs
    self.next = next
  }
}

/// What must be under a name for a write to take place, so that no writer replaces what it does not know of.
package enum BlobCondition: Hashable, Sendable {
  /// Nothing.
  case absent
  /// This version.
  case generation(BlobGeneration)
}
