import Dispatch
import Formats
import Values

/// The bytes of a part of a file, piece by piece, read by threads that may block.
struct FilePieces: AsyncSequence, Sendable {
  let path: String
  let start: Int64
  let end: Int64

  /// The bytes from `start` up to, but not including, `end`.
  init(path: String, from start: Int64, to end: Int64) {
    self.path = path
    self.start = start
    self.end = end
  }

  /// The most bytes of a piece.
  private static let piece: Int64 = 256 << 10

  struct AsyncIterator: AsyncIteratorProtocol {
    fileprivate let path: String
    fileprivate var position: Int64
    fileprivate let end: Int64

    mutating func next() async throws -> [UInt8]? {
      guard position < end else { return nil }
      let count = Int(Swift.min(end - position, FilePieces.piece))
      let bytes = try await FilePieces.read(path, from: position, count: count)
      guard bytes.count == count else { throw Shortened(path: path) }
      position += Int64(count)
      return bytes
    }
  }

  func makeAsyncIterator() -> AsyncIterator { AsyncIterator(path: path, position: start, end: end) }

  /// Reads `count` bytes of a file, fewer only at its end. Throws a ``FileError``.
  static func read(_ path: String, from start: Int64, count: Int) async throws -> [UInt8] {
    try await withCheckedThrowingContinuation { continuation in
      // A disk may be slow: threads that others need must not wait for it.
      DispatchQueue.global().async {
        continuation.resume(with: Result { try FileBytes.slice(of: path, from: start, count: count) })
      }
    }
  }

  /// A file became shorter while it was being read.
  struct Shortened: Error, CustomStringConvertible {
    let path: String

    var description: String { "\(path) became shorter while it was being read" }
  }
}
