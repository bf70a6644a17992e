import Formats
import Values

/// One request, taken apart.
package struct SandboxRequest: Sendable {
  /// The method in capitals.
  package let method: String
  /// The path without the query.
  package let path: String
  /// The query as it came; nil without one.
  package let rawQuery: String?
  /// The parameters of the query, each with its values in order.
  package let query: [String: [String]]
  /// The Authorization header.
  package let authorization: String?
  /// The Content-Type header.
  package let contentType: String?
  /// The Host header.
  package let host: String?
  /// The body as it came.
  package let body: [UInt8]

  package init(
    method: String, path: String, query: String? = nil, authorization: String? = nil,
    contentType: String? = nil,
    host: String? = nil, body: [UInt8] = []
  ) {
    self.method = method
    self.path = path
    rawQuery = query
    self.query = Dictionary(grouping: FormText.pairs(query ?? ""), by: \.name).mapValues {
      $0.map(\.value)
    }
    self.authorization = authorization
    self.contentType = contentType
    self.host = host
    self.body = body
  }

  /// The parts of the path between its slashes.
  package var parts: [String] { path.split(separator: "/").map { FormText.decoded($0) } }

  /// The body's JSON; null where it is none.
  package var json: JSONValue { JSONValue.parsed(body) ?? .null }

  /// A parameter that is a list: repeated, separated by commas, or both.
  func list(_ name: String) -> [String] {
    (query[name] ?? []).flatMap { $0.split(separator: ",").map(String.init) }
  }

  /// Whether deleted records are asked for, `true` or, as Python writes it, `True`.
  var wantsArchived: Bool { query["archived"]?.first?.lowercased() == "true" }

  /// A parameter that is a number.
  func number(_ name: String) -> Int? { query[name]?.first.flatMap { Int($0) } }
}

/// The text of forms and queries.
enum FormText {
  /// The parameters in order, without escapes.
  static func pairs(_ text: String) -> [(name: String, value: String)] {
    text.split(separator: "&").map { pair in
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (decoded(parts[0]), parts.count > 1 ? decoded(parts[1]) : "")
    }
  }

  /// The text without escapes, a plus sign as a blank.
  static func decoded(_ text: Substring) -> String {
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

  /// The text with escapes for everything but letters, digits and `-._~`.
  static func encoded(_ text: String) -> String {
    text.utf8.reduce(into: "") { encoded, byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        encoded.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        encoded += byte < 16 ? "%0" : "%"
        encoded += String(byte, radix: 16, uppercase: true)
      }
    }
  }
}

/// One answer, and what happens to it on its way.
package struct SandboxReply: Sendable {
  /// The HTTP status code.
  package var status: Int
  /// Header fields besides that of the content's type.
  package var headers: [(name: String, value: String)] = []
  /// The body, sent as JSON.
  package var body: JSONValue
  /// What goes wrong on the way.
  package var mishap: Mishap?

  /// What can happen to an answer between the server and the client.
  package enum Mishap: Sendable {
    /// It comes late, by so many milliseconds.
    case late(milliseconds: Int64)
    /// It does not come until the connection is closed.
    case never
    /// It comes to half, and then no more until the connection is closed.
    case stalled
    /// Its connection ends before its Content-Length.
    case truncated
    /// It is complete, but its JSON breaks off.
    case cutJSON
  }

  package init(_ status: Int, _ body: JSONValue) {
    self.status = status
    self.body = body
  }
}
