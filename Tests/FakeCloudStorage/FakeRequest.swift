import BlobStorage
import Formats
import Foundation
import HTTPTypes
import RemoteAPIs

/// A request to the fake, taken apart.
struct FakeRequest {
  let method: String
  /// The parts of the path between its slashes, without escapes.
  let path: [String]
  let query: [String: String]
  let headers: HTTPFields
  private(set) var body: [UInt8]
  /// What the caller calls this server.
  let origin: String

  init(_ call: HTTPCall, _ body: [UInt8]) {
    let parts = call.url.split(separator: "?", maxSplits: 1).map(String.init)
    let pieces = parts[0].split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    origin = pieces.prefix(3).joined(separator: "/")
    path = pieces.dropFirst(3).map { $0.removingPercentEncoding ?? $0 }
    var query: [String: String] = [:]
    for pair in (parts.count > 1 ? parts[1] : "").split(separator: "&") {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      query[sides[0]] = sides.count > 1 ? sides[1].removingPercentEncoding ?? sides[1] : ""
    }
    self.query = query
    method = call.method.rawValue
    headers = call.headers
    self.body = body
  }

  /// Loses all but the first bytes of what was sent; the end of the object is then still to come.
  mutating func keepOnly(_ count: Int) { body = Array(body.prefix(count)) }

  var isUpload: Bool { path.first == "upload" }
  var session: String? { query["upload_id"] }
  var json: JSONValue { (try? JSONReader.read(body) { try $0.readValue() }) ?? .null }

  /// The path from the bucket's name on.
  var place: [String] {
    path.firstIndex(of: "b").map { Array(path[($0 + 1)...]) } ?? []
  }

  /// The object's name where the request says it before its body is read.
  var objectName: String? {
    if place.count > 2 { return place[2] }
    return isUpload
      ? query["name"] ?? FakeParts(self)?.description["name"]?.stringValue ?? json["name"]?.stringValue : nil
  }

  var operation: FakeCloudStorage.Operation? {
    switch (method, isUpload) {
    case ("PUT", true): headers[.contentRange]?.hasPrefix("bytes */") == true ? .state : .chunk
    case ("POST", true): query["uploadType"] == "resumable" ? .begin : .insert
    case ("DELETE", false): .delete
    case ("GET", _) where place.count == 2: .list
    case ("GET", _) where place.count > 2: query["alt"] == "media" ? .download : .get
    default: nil
    }
  }
}

/// The two parts of a `multipart/related` body.
struct FakeParts {
  let description: JSONValue
  let contentType: String
  let bytes: [UInt8]

  init?(_ request: FakeRequest) {
    guard let type = request.headers[.contentType], type.hasPrefix("multipart/related"),
      let boundary = type.firstMatch(of: /boundary="?([^";]+)"?/)?.1
    else { return nil }
    let data = Data(request.body)
    guard let first = data.range(of: Data("--\(boundary)\r\n".utf8)),
      let second = data.range(of: Data("\r\n--\(boundary)\r\n".utf8), in: first.upperBound..<data.endIndex),
      let end = data.range(of: Data("\r\n--\(boundary)--".utf8), options: .backwards),
      let description = Self.part(data[first.upperBound..<second.lowerBound]),
      let media = Self.part(data[second.upperBound..<end.lowerBound]),
      let json = try? JSONReader.read(Array(description.body), { try $0.readValue() })
    else { return nil }
    self.description = json
    contentType = media.head.lowercased().replacingOccurrences(of: "content-type: ", with: "")
    bytes = Array(media.body)
  }

  private static func part(_ data: Data) -> (head: String, body: Data)? {
    guard let gap = data.range(of: Data("\r\n\r\n".utf8)) else { return nil }
    return (String(decoding: data[..<gap.lowerBound], as: UTF8.self), data[gap.upperBound...])
  }
}
