/// Which bucket, where it is, and how bytes go there.
package struct CloudStorageSettings: Equatable, Sendable {
  /// The bucket's name.
  package var bucket: String
  /// The address of the service, or of an emulator, without a trailing slash.
  package var baseURL = Self.googleURL
  /// Larger content goes up in chunks of a session that survives interruptions; 8 MiB, as in Google's own libraries.
  package var largestSingleUpload: Int64 = 8 << 20
  /// Bytes of a chunk, of which one is held in memory: a multiple of 256 KiB.
  package var chunkBytes = 8 << 20
  /// The most bytes of an object that is written.
  package var largestObject: Int64 = 64 << 30
  /// The most objects of a page of a list.
  package var pageSize = 1_000

  package static let googleURL = "https://storage.googleapis.com"

  package init(bucket: String) {
    self.bucket = bucket
  }

  /// What a bucket's name must be, in words.
  package static let bucketRule =
    "must be a bucket's name: 3 to 222 lower-case letters, digits and characters of ._-, the first and last of which "
    + "are a letter or a digit"

  /// Whether `name` follows ``bucketRule``.
  package static func isBucket(_ name: String) -> Bool {
    let isPlain = { (byte: UInt8) in (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) }
    guard (3...222).contains(name.utf8.count), let first = name.utf8.first, let last = name.utf8.last else {
      return false
    }
    return isPlain(first) && isPlain(last) && name.utf8.allSatisfy { isPlain($0) || "._-".utf8.contains($0) }
  }
}
