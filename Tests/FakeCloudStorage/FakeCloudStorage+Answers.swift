import BlobStorage
import Formats
import Foundation
import HTTPTypes
import RemoteAPIs
import Values

extension FakeCloudStorage {
  /// Carries a request out.
  static func answer(to request: FakeRequest, _ state: inout State, _ pageSize: Int) -> HTTPAnswer {
    let place = request.place
    if request.method == "POST", !request.isUpload, place.isEmpty, let name = request.json["name"]?.stringValue {
      state.buckets.insert(name)
      return .json(200, ["kind": "storage#bucket", "name": .string(name)])
    }
    if request.method == "PUT", let session = request.session { return take(request, session, &state) }
    guard let bucket = place.first else { return .error(404, "Not Found", "notFound") }
    guard state.buckets.contains(bucket) else {
      return .error(404, "The specified bucket does not exist.", "notFound")
    }
    switch (request.method, place.count) {
    case ("GET", 1): return .json(200, ["kind": "storage#bucket", "name": .string(bucket)])
    case ("GET", 2): return list(request, state, pageSize)
    case ("POST", 2) where request.isUpload: return insert(request, &state)
    case ("GET", 3): return get(request, place[2], state)
    case ("DELETE", 3): return delete(request, place[2], &state)
    default: return .error(404, "Not Found", "notFound")
    }
  }

  private static func list(_ request: FakeRequest, _ state: State, _ pageSize: Int) -> HTTPAnswer {
    let prefix = request.query["prefix"] ?? ""
    let after = request.query["pageToken"].flatMap { Data(base64Encoded: $0) }.map {
      String(decoding: $0, as: UTF8.self)
    }
    let names = state.objects.keys.filter { $0.hasPrefix(prefix) }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      .filter { name in after.map { $0.utf8.lexicographicallyPrecedes(name.utf8) } ?? true }
    let page = names.prefix(min(request.query["maxResults"].flatMap { Int($0) } ?? pageSize, pageSize))
    var answer: JSONObject = ["kind": "storage#objects"]
    let items = page.compactMap { name in state.objects[name].map { description($0, name) } }
    if !items.isEmpty { answer.members.append(.init(key: "items", value: .array(items))) }
    if names.count > page.count, let last = page.last {
      answer.members.append(.init(key: "nextPageToken", value: .string(Data(last.utf8).base64EncodedString())))
    }
    return .json(200, .object(answer))
  }

  private static func get(_ request: FakeRequest, _ name: String, _ state: State) -> HTTPAnswer {
    let isMedia = request.query["alt"] == "media"
    guard let object = state.objects[name],
      request.query["generation"].map({ $0 == "\(object.generation)" }) ?? true
    else {
      let message = "No such object: \(request.place[0])/\(name)"
      return isMedia ? HTTPAnswer(status: 404, body: Array(message.utf8)) : .error(404, message, "notFound")
    }
    if request.query["ifGenerationNotMatch"] == "\(object.generation)" { return HTTPAnswer(status: 304) }
    if let expected = request.query["ifGenerationMatch"], expected != "\(object.generation)" { return .notMet }
    return isMedia ? media(request, object) : .json(200, description(object, name))
  }

  private static func media(_ request: FakeRequest, _ object: Object) -> HTTPAnswer {
    var answer = HTTPAnswer(status: 200, headers: [.contentType: object.contentType], body: object.bytes)
    if let range = request.headers[.range]?.firstMatch(of: /^bytes=(\d+)-(\d*)$/), let start = Int(range.1) {
      let end = min(Int(range.2) ?? .max - 1, object.bytes.count - 1)
      guard start < object.bytes.count, start <= end else {
        return .error(416, "The requested range cannot be satisfied.", "requestedRangeNotSatisfiable")
      }
      answer.status = 206
      answer.body = Array(object.bytes[start...end])
      answer.headers[.contentRange] = "bytes \(start)-\(end)/\(object.bytes.count)"
    }
    let hash = "crc32c=\(checksumText(object.bytes))"
    for (name, value) in [("x-goog-hash", hash), ("x-goog-generation", "\(object.generation)")] {
      if let name = HTTPField.Name(name) { answer.headers[name] = value }
    }
    return answer
  }

  private static func delete(_ request: FakeRequest, _ name: String, _ state: inout State) -> HTTPAnswer {
    guard let object = state.objects[name] else { return .error(404, "No such object: \(name)", "notFound") }
    if let expected = request.query["ifGenerationMatch"], expected != "\(object.generation)" { return .notMet }
    state.objects[name] = nil
    return HTTPAnswer(status: 204)
  }

  /// An object as the API describes it, whose numbers are strings.
  static func description(_ object: Object, _ name: String) -> JSONValue {
    let pairs = object.metadata.sorted { $0.key < $1.key }.map { (key: $0.key, value: JSONValue.string($0.value)) }
    var description: JSONObject = [
      "kind": "storage#object", "name": .string(name), "generation": .string("\(object.generation)"),
      "metageneration": "1", "contentType": .string(object.contentType), "size": .string("\(object.bytes.count)"),
      "crc32c": .string(checksumText(object.bytes)), "updated": "2026-11-22T10:35:21.116Z",
    ]
    if !pairs.isEmpty { description.members.append(.init(key: "metadata", value: .object(JSONObject(pairs)))) }
    return .object(description)
  }

  static func checksumText(_ bytes: [UInt8]) -> String {
    withUnsafeBytes(of: CRC32C.value(of: bytes).bigEndian) { Data($0).base64EncodedString() }
  }
}

extension HTTPAnswer {
  static func json(_ status: Int, _ value: JSONValue) -> Self {
    var writer = JSONWriter()
    value.write(to: &writer)
    return HTTPAnswer(status: status, headers: [.contentType: "application/json"], body: writer.bytes)
  }

  static func error(_ status: Int, _ message: String, _ reason: String) -> Self {
    let errors: JSONValue = [["message": .string(message), "domain": "global", "reason": .string(reason)]]
    return json(
      status, ["error": ["code": .number("\(status)"), "message": .string(message), "errors": errors]])
  }

  static var notMet: Self {
    .error(412, "At least one of the pre-conditions you specified did not hold.", "conditionNotMet")
  }
}
