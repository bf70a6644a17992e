/// A body's bytes as they arrive. A slow reader makes the sender wait, so that little of the body is in memory.
package typealias BodyPieces = any AsyncSequence<[UInt8], any Error> & Sendable

/// A body that an endpoint reads piece by piece.
package struct Upload: Sendable {
  /// The allowed media types, in lower case.
  package let mediaTypes: [String]
  /// The most bytes of the body.
  package let limit: Int

  package init(mediaTypes: [String], limit: Int) {
    self.mediaTypes = mediaTypes
    self.limit = limit
  }
}

/// The body of an answer.
package enum ReplyBody: Sendable {
  case bytes([UInt8])
  /// Read piece by piece while it is sent. `length` is its number of bytes, where known. An error closes the
  /// connection.
  case pieces(BodyPieces, length: Int?)
  /// Read in the same way, until its end or until the server stops.
  case events(BodyPieces)
}
