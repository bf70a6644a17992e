import Values

/// A form with one file, as `multipart/form-data` (RFC 7578): first the fields, then the file.
struct MultipartBody: Sendable {
  struct File: Sendable {
    /// The form field for the file.
    let field: String
    /// The file name; characters other than letters, digits, `.`, `_` and `-` are replaced.
    let name: String
    /// The media type of the file; nil for none.
    var contentType: String?
    let length: Int64
    let pieces: any AsyncSequence<[UInt8], any Error> & Sendable
  }

  private let boundary: String
  private let head: [UInt8]
  private let tail: [UInt8]
  private let file: File

  /// The boundary has 128 random bits, so that no file contains it by accident.
  init(fields: [(name: String, value: String)], file: File) {
    let boundary =
      "gv" + String(UInt64.random(in: 0 ... .max), radix: 16) + String(UInt64.random(in: 0 ... .max), radix: 16)
    var head = fields.map {
      "--\(boundary)\r\nContent-Disposition: form-data; name=\"\($0.name)\"\r\n\r\n\($0.value)\r\n"
    }.joined()
    head +=
      "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(file.field)\"; filename=\"\(Self.plain(file.name))\""
    head += file.contentType.map { "\r\nContent-Type: \($0)" } ?? ""
    self.boundary = boundary
    self.head = Array((head + "\r\n\r\n").utf8)
    tail = Array("\r\n--\(boundary)--\r\n".utf8)
    self.file = file
  }

  /// The media type of the whole body.
  var contentType: String { "multipart/form-data; boundary=\(boundary)" }

  /// The whole body, which is read piece by piece while it is sent.
  var body: HTTPBody {
    .stream(
      length: Int64(head.count) + file.length + Int64(tail.count),
      pieces: FramedPieces(head: head, pieces: file.pieces, tail: tail))
  }

  private static func plain(_ name: String) -> String {
    String(name.map { ($0.isASCII && ($0.isLetter || $0.isNumber)) || "._-".contains($0) ? $0 : "_" })
  }
}

/// Bytes held in memory, as pieces.
struct HeldPieces: AsyncSequence, Sendable {
  let bytes: [UInt8]

  struct AsyncIterator: AsyncIteratorProtocol {
    fileprivate var bytes: [UInt8]?

    mutating func next() async throws -> [UInt8]? {
      defer { bytes = nil }
      return bytes
    }
  }

  func makeAsyncIterator() -> AsyncIterator { AsyncIterator(bytes: bytes) }
}

/// Pieces with bytes before and after them.
private struct FramedPieces: AsyncSequence, Sendable {
  let head: [UInt8]
  let pieces: any AsyncSequence<[UInt8], any Error> & Sendable
  let tail: [UInt8]

  struct AsyncIterator: AsyncIteratorProtocol {
    fileprivate var head: [UInt8]?
    fileprivate var pieces: any AsyncIteratorProtocol<[UInt8], any Error>
    fileprivate var tail: [UInt8]?

    mutating func next() async throws -> [UInt8]? {
      if let head {
        self.head = nil
        return head
      }
      if let piece = try await pieces.next(isolation: nil) { return piece }
      defer { tail = nil }
      return tail
    }
  }

  func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(head: head, pieces: pieces.makeAsyncIterator(), tail: tail)
  }
}
