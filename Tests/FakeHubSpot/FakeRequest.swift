import Formats

/// One request, taken apart.
package struct FakeRequest: Sendable {
  /// The method in capitals.
  package let method: String
  /// The path without the query.
  package let path: String
  /// The parameters of the query, each with its values in order.
  package let query: [String: [String]]
  /// The Authorization header.
  package let authorization: String?
  /// The body as it came.
  package let body: [UInt8]

  init(method: String, path: String, query: String?, authorization: String?, body: [UInt8]) {
    self.method = method
    self.path = path
    var parameters: [String: [String]] = [:]
    for pair in (query ?? "").split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let value = parts.count > 1 ? Self.decoded(parts[1]) : ""
      parameters[Self.decoded(parts[0]), default: []].append(value)
    }
    self.query = parameters
    self.authorization = authorization
    self.body = body
  }

  /// The parts of the path between its strokes.
  var parts: [String] { path.split(separator: "/").map { Self.decoded($0) } }

  /// The body's JSON; null where it is none.
  var json: JSONValue { (try? JSONReader.read(body) { try $0.readValue() }) ?? .null }

  /// A parameter that is a list: repeated, parted by commas, or both.
  func list(_ name: String) -> [String] {
    (query[name] ?? []).flatMap { $0.split(separator: ",").map(String.init) }
  }

  /// Whether deleted records are asked for, `true` or, as Python writes it, `True`.
  var wantsArchived: Bool { query["archived"]?.first?.lowercased() == "true" }

  /// A parameter that is a number.
  func number(_ name: String) -> Int? { query[name]?.first.flatMap { Int($0) } }

  private static func decoded(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), let value = UInt8(String(Substring(rest.prefix(2))), radix: 16) {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// One answer, and what may happen to it on its way.
struct FakeReply: Sendable {
  var status: Int
  var headers: [(name: String, value: String)] = []
  var body: JSONValue
  var fault: FakeFault?

  init(_ status: Int, _ body: JSONValue) {
    self.status = status
    self.body = body
  }

  /// An error in HubSpot's envelope; the correlation id is added when it is sent.
  static func error(
    _ status: Int, _ category: String, _ message: String, _ more: [(key: String, value: JSONValue?)] = []
  ) -> FakeReply {
    FakeReply(
      status,
      .present(
        [
          ("status", "error"), ("message", .string(message)), ("category", .string(category)),
        ] + more))
  }

  /// A record that is not there.
  static func notFound(_ what: String) -> FakeReply {
    error(404, "OBJECT_NOT_FOUND", "No \(what) has this id, or it is deleted")
  }

  /// A request that breaks a rule.
  static func invalid(_ message: String) -> FakeReply { error(400, "VALIDATION_ERROR", message) }

  /// A limit that is reached.
  static func rateLimited(_ policy: String, retryAfter: Int?) -> FakeReply {
    var reply = FakeReply(
      429,
      [
        "status": "error", "message": .string("You have reached your \(policy.lowercased()) limit."),
        "errorType": "RATE_LIMIT", "policyName": .string(policy), "requestId": "00000000-0000-4000-8000-000000000000",
      ])
    if let retryAfter { reply.headers.append(("Retry-After", "\(retryAfter)")) }
    return reply
  }
}
