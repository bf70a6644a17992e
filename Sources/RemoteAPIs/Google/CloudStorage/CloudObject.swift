import Formats
import Foundation
import Values

/// An object of a bucket as Cloud Storage describes it.
package struct CloudObject: Equatable, Sendable {
  package let name: String
  package let generation: Int64
  /// Bytes.
  package let size: Int64
  /// CRC-32C; nil where the server does not tell.
  package let checksum: UInt32?
  package let updatedAt: Instant?
  /// What its writer said of it.
  package let metadata: [String: String]

  init(_ field: JSONField) throws(JSONField.Problem) {
    name = try field.member("name").text()
    generation = try field.member("generation").integer()
    size = try field.member("size").integer()
    guard size >= 0 else { throw try field.member("size").problem("must not be negative") }
    let checksum = try field.member("crc32c")
    self.checksum = try checksum.optionalText().map { text throws(JSONField.Problem) in
      guard let value = UInt32(checksum: text) else { throw checksum.problem("must be the base64 of four bytes") }
      return value
    }
    // Nothing depends on it but what people are shown.
    updatedAt = (try? field.member("updated").optionalInstant()) ?? nil
    var metadata: [String: String] = [:]
    if let all = try? field.member("metadata"), !all.isAbsent {
      for member in try all.members() { metadata[member.key] = member.field.value.stringValue }
    }
    self.metadata = metadata
  }
}

extension UInt32 {
  /// A checksum as Cloud Storage writes it: the base64 of its bytes, the highest first. Nil for anything else.
  init?(checksum text: String) {
    guard let bytes = Data(base64Encoded: text), bytes.count == 4 else { return nil }
    self = bytes.reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// The checksum as Cloud Storage writes it.
  var checksumText: String {
    Data((0..<4).reversed().map { UInt8(truncatingIfNeeded: self >> (8 * $0)) }).base64EncodedString()
  }
}
