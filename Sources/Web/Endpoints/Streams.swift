/// A body's bytes as they come. Whoever reads slowly keeps the sender waiting, so that little of the body is in memory.
package typealias BodyPieces = any AsyncSequence<[UInt8], any Error> & Sendable

/// A body that an endpoint reads piece by piece.
package struct Upload: Sendable {
  /// The media types that it may have, in lower case.
  package let mediaTypes: [String]
  /// The most bytes that it may have.
  package let limit: Int

  package init(mediaTypes: [String], limit: Int) {
    self.mediaTypes = mediaTypes
    self.limit = limit
  }
}

/// The body of an answer.
package enum ReplyBody: Sendable {
  case bytes([UInt8])
  /// Read piece by piece while it is sent. `length` is its bytes, where known. An error breaks the connection off.
  case pieces(BodyPieces, length: Int?)
  /// Read in the same way, to its end or until the server is told to stop.
  case events(BodyPieces)
}
