import BlobStorage
import Formats
import Foundation
import HTTPTypes
import RemoteAPIs

extension FakeCloudStorage {
  /// What chunks but the last must be multiples of.
  private static let unit = 256 << 10

  static func insert(_ request: FakeRequest, _ state: inout State) -> HTTPAnswer {
    switch request.query["uploadType"] {
    case "multipart": return insertAtOnce(request, &state)
    case "resumable": return begin(request, &state)
    default: return .error(400, "Unsupported uploadType", "invalid")
    }
  }

  private static func insertAtOnce(_ request: FakeRequest, _ state: inout State) -> HTTPAnswer {
    guard let parts = FakeParts(request), let name = parts.description["name"]?.stringValue else {
      return .error(400, "Malformed multipart body.", "badContent")
    }
    if let stated = parts.description["crc32c"]?.stringValue, stated != checksumText(parts.bytes) {
      return .error(400, "Provided CRC32C doesn't match calculated CRC32C.", "invalid")
    }
    guard isMet(request.query["ifGenerationMatch"].flatMap { Int64($0) }, name, state) else { return .notMet }
    let object = Object(
      bytes: parts.bytes, generation: 0, contentType: parts.contentType, metadata: metadata(parts.description))
    return .json(200, description(state.store(object, name), name))
  }

  private static func begin(_ request: FakeRequest, _ state: inout State) -> HTTPAnswer {
    guard let name = request.query["name"] ?? request.json["name"]?.stringValue else {
      return .error(400, "Required", "required")
    }
    let type = HTTPField.Name("x-upload-content-type").flatMap { request.headers[$0] }
    let id = "session-\(state.sessions.count + 1)-\(UInt64.random(in: 0 ... .max))"
    state.sessions[id] = Session(
      name: name, expected: request.query["ifGenerationMatch"].flatMap { Int64($0) },
      contentType: type ?? "application/octet-stream", metadata: metadata(request.json))
    let bucket = request.place[0]
    return HTTPAnswer(
      status: 200,
      headers: [.location: "\(request.origin)/upload/storage/v1/b/\(bucket)/o?uploadType=resumable&upload_id=\(id)"])
  }

  /// Takes a chunk, or the question how far the session is.
  static func take(_ request: FakeRequest, _ id: String, _ state: inout State) -> HTTPAnswer {
    guard var session = state.sessions[id] else { return HTTPAnswer(status: 404) }
    if let object = session.complete { return .json(200, description(object, session.name)) }
    let range = request.headers[.contentRange] ?? "bytes 0-\(request.body.count - 1)/\(request.body.count)"
    if range.hasPrefix("bytes */") { return progress(session) }
    guard let match = range.firstMatch(of: /^bytes (\d+)-(\d+)\/(\d+|\*)$/), let start = Int(match.1),
      let end = Int(match.2)
    else { return .error(400, "Failed to parse Content-Range header.", "badRequest") }
    let total = Int(match.3)
    let isLast = total == end + 1
    guard start <= session.bytes.count else { return .error(503, "Gap in the bytes.", "backendError") }
    guard isLast || (end + 1 - start).isMultiple(of: unit) else {
      return .error(400, "Invalid request. The number of bytes must be a multiple of 262144.", "badRequest")
    }
    session.bytes += request.body.dropFirst(session.bytes.count - start)
    // What broke on its way is kept in whole units.
    if session.bytes.count <= end { session.bytes = Array(session.bytes.prefix(session.bytes.count / unit * unit)) }
    state.sessions[id] = session
    guard session.bytes.count == total else { return progress(session) }
    return finish(request, session, id, &state)
  }

  private static func finish(
    _ request: FakeRequest, _ session: Session, _ id: String, _ state: inout State
  ) -> HTTPAnswer {
    let stated = HTTPField.Name("x-goog-hash").flatMap { request.headers[$0] }
    if let stated, !stated.contains("crc32c=\(checksumText(session.bytes))") {
      return .error(400, "Provided CRC32C doesn't match calculated CRC32C.", "invalid")
    }
    guard isMet(session.expected, session.name, state) else { return .notMet }
    let object = state.store(
      Object(
        bytes: session.bytes, generation: 0, contentType: session.contentType, metadata: session.metadata),
      session.name)
    state.sessions[id]?.complete = object
    return .json(200, description(object, session.name))
  }

  private static func progress(_ session: Session) -> HTTPAnswer {
    HTTPAnswer(status: 308, headers: session.bytes.isEmpty ? [:] : [.range: "bytes=0-\(session.bytes.count - 1)"])
  }

  private static func isMet(_ expected: Int64?, _ name: String, _ state: State) -> Bool {
    guard let expected else { return true }
    return state.objects[name]?.generation ?? 0 == expected
  }

  private static func metadata(_ description: JSONValue) -> [String: String] {
    guard case .object(let object)? = description["metadata"] else { return [:] }
    return object.members.reduce(into: [:]) { $0[$1.key] = $1.value.stringValue }
  }
}
