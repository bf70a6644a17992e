import Formats
import HTTPTypes
import RemoteAPIs
import Values

/// Makes requests from the API's document, and breaks some of them.
struct RequestMaker {
  let operations: [FuzzOperation]
  let values: SchemaValues
  /// Bearer tokens of every role, and of another account.
  let tokens: [String]
  let webhook: WebhookMaker

  func request(_ random: inout FuzzRandom, at now: Instant) -> FuzzRequest {
    if random.chance(1, in: 12) { return webhook.request(&random, at: now) }
    if random.chance(1, in: 40) { return stray(&random) }
    let operation = random.pick(operations)
    var request = FuzzRequest(
      method: HTTPRequest.Method(rawValue: operation.method) ?? .get,
      target: path(of: operation, &random) + query(of: operation, &random), operation: operation)
    // An empty step makes it another operation's path, or nobody's.
    if request.target.contains("//") || request.target.prefix(while: { $0 != "?" }).hasSuffix("/") {
      request.operation = nil
    }
    if random.chance(1, in: 60) { request.method = random.pick([.get, .post, .put, .delete, .patch, .head, .options]) }
    authorize(&request, &random)
    for name in operation.headers where random.chance(1, in: 2) {
      guard let field = HTTPField.Name(name) else { continue }
      request.headers[field] = random.pick([
        "\"1\"", "\"2\"", "*", "W/\"1\"", "\"9999999999999999999\"", "", "\"\u{E9}\"",
      ])
    }
    if let schema = operation.body {
      request.body = body(schema, &random)
      request.headers[.contentType] =
        random.chance(1, in: 50)
        ? random.pick(["text/plain", "", "application/json;charset=latin-1", "application/jsonx", ";"])
        : "application/json"
    } else if random.chance(1, in: 30) {
      request.body = random.hostileValue().bytes
    }
    return request
  }

  /// A request for what is not there.
  private func stray(_ random: inout FuzzRandom) -> FuzzRequest {
    let paths = [
      "/", "//", "/api", "/api/", "/api/ml//feedback", "/api/jobs/", "/%", "/%zz", "/api/jobs/%00", "/api/../healthz",
      "/api/accounts/%2e%2e/limits", "/healthz?", "/healthz?a", "/metrics?=&&;",
      "/" + String(repeating: "a/", count: 3_000),
      "/" + String(repeating: "%41", count: 4_000), "/openapi.json#x", "*", "",
    ]
    var request = FuzzRequest(method: random.pick([.get, .post, .put, .head, .delete]), target: random.pick(paths))
    authorize(&request, &random)
    return request
  }

  private func authorize(_ request: inout FuzzRequest, _ random: inout FuzzRandom) {
    if random.chance(1, in: 30) {
      request.headers[.authorization] = random.pick([
        "", "Bearer", "Bearer ", "Basic YTpi", "Bearer \u{E9}", "bearer " + random.pick(tokens), "Bearer gv_nothing",
        "Bearer " + String(repeating: "x", count: 20_000), "Bearer  " + random.pick(tokens),
      ])
    } else if !random.chance(1, in: 30) {
      request.headers[.authorization] = "Bearer " + random.pick(tokens)
    }
  }

  private func path(of operation: FuzzOperation, _ random: inout FuzzRandom) -> String {
    let steps = operation.path.split(separator: "/", omittingEmptySubsequences: false).map { step -> String in
      guard step.hasPrefix("{") else { return String(step) }
      let name = String(step.dropFirst().dropLast())
      if random.chance(1, in: 10) {
        return random.pick(["%", "%0", "%00", "%FF", "%C3", "%2F", "a%2fb", "..", "", "%25"])
      }
      return escaped(values.text(["type": "string", "maxLength": 128], name, &random), &random)
    }
    return steps.joined(separator: "/")
  }

  private func query(of operation: FuzzOperation, _ random: inout FuzzRandom) -> String {
    var pairs: [String] = []
    for (name, schema) in operation.query where random.chance(1, in: 3) {
      pairs.append("\(name)=\(escaped(parameter(schema, name, &random), &random))")
    }
    if random.chance(1, in: 40) {
      pairs.append(random.pick(["x=1", "=", "&&", "%=%", "a[]=1", "limit=5&limit=6", "limit"]))
    }
    return pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
  }

  /// A parameter's value, as text: of a value of its schema, the characters.
  private func parameter(_ schema: JSONValue, _ name: String, _ random: inout FuzzRandom) -> String {
    switch values.value(of: schema, named: name, using: &random) {
    case .raw(let text), .string(let text): text
    case .array, .object: random.hostileText()
    }
  }

  private func body(_ schema: JSONValue, _ random: inout FuzzRandom) -> [UInt8] {
    var value = values.value(of: schema, named: "", using: &random)
    if random.chance(1, in: 4) {
      let place = random.int(0...(value.count - 1))
      let other = random.hostileValue()
      value = value.changing(place) { _ in other }
    }
    return random.chance(1, in: 25) ? broken(value.bytes, &random) : value.bytes
  }

  /// Bytes that are no longer what a writer of JSON would write.
  private func broken(_ bytes: [UInt8], _ random: inout FuzzRandom) -> [UInt8] {
    var bytes = bytes
    switch random.int(0...6) {
    case 0: bytes = Array(bytes.prefix(random.int(0...bytes.count)))
    case 1:
      for _ in 0...random.small(20) where !bytes.isEmpty {
        bytes[random.int(0...(bytes.count - 1))] = UInt8(random.int(0...255))
      }
    case 2: bytes.insert(contentsOf: random.pick([[0xEF, 0xBB, 0xBF], [0xFF, 0xFE], [0x00], [0xC0, 0x80]]), at: 0)
    case 3: bytes += bytes
    case 4: bytes = []
    case 5: bytes = Array(repeating: UInt8(ascii: " "), count: random.pick([1, 100_000])) + bytes
    default: bytes = [UInt8](repeating: UInt8(ascii: "["), count: random.pick([100, 600, 200_000]))
    }
    return bytes
  }

  /// A path's step or a parameter's value, percent-encoded, sometimes more than it needs.
  private func escaped(_ text: String, _ random: inout FuzzRandom) -> String {
    let escapesAll = random.chance(1, in: 8)
    return text.utf8.prefix(3_000).reduce(into: "") { escaped, byte in
      let isPlain = byte < 0x80 && (Unicode.Scalar(byte).properties.isAlphabetic || (0x30...0x39).contains(byte))
      if !escapesAll, isPlain || "-._~:".utf8.contains(byte) {
        escaped.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        escaped += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }
  }
}
