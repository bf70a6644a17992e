import HTTPTypes

/// A request as it goes to the router.
struct FuzzRequest: Sendable {
  var method: HTTPRequest.Method
  /// The path with its query, escaped.
  var target: String
  var headers: HTTPFields = [:]
  var body: [UInt8]?
  /// The operation it is meant for; nil where none is.
  var operation: FuzzOperation?

  /// The request in lines, the body's bytes escaped where they are no plain ASCII.
  var text: String {
    var lines = ["\(method.rawValue) \(target)"]
    for field in headers { lines.append("\(field.name.rawName): \(field.value)") }
    if let body {
      lines += [
        "", body.count > 20_000 ? "\(body.count) bytes: \(Self.escaped(body.prefix(2_000)))…" : Self.escaped(body),
      ]
    }
    return lines.joined(separator: "\n")
  }

  private static func escaped(_ bytes: some Sequence<UInt8>) -> String {
    bytes.reduce(into: "") { text, byte in
      if (0x20...0x7E).contains(byte), byte != UInt8(ascii: "\\") {
        text.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        text += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }
    }
  }
}
