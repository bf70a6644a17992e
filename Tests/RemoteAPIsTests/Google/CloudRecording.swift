import Formats
import Foundation
import HTTPTypes
import RemoteAPIs
import TestKit
import Testing

/// A request and its answer, as they were recorded.
struct CloudExchange {
  /// The letter of the part of the recording.
  let section: Character
  let request: CloudRequest
  let answer: HTTPAnswer
}

/// What Google's own Python library asked of Cloud Storage, and what it was answered.
struct CloudRecording {
  let exchanges: [CloudExchange]

  init() throws {
    let file = try #require(SharedData.file("vectors/gcs_exchange.txt"))
    let text = try String(contentsOf: file, encoding: .utf8)
    var exchanges: [CloudExchange] = []
    for part in text.components(separatedBy: "\n================ ").dropFirst() {
      guard let section = part.first, "AE".contains(section) else { continue }
      // Of each connection, a request and then its answer; an answer's head and body may be recorded apart.
      var requests: [String: [CloudRequest]] = [:]
      for block in part.components(separatedBy: "######## ").dropFirst() {
        let connection = String(block.prefix { $0 != "<" && $0 != ">" })
        if block.hasPrefix(connection + ">>>") {
          requests[connection, default: []].append(try CloudRequest(recorded: block))
        } else if block.contains("HTTP/1.1"), var waiting = requests[connection], !waiting.isEmpty {
          let request = waiting.removeFirst()
          requests[connection] = waiting
          exchanges.append(CloudExchange(section: section, request: request, answer: try RecordedText.answer(block)))
        }
      }
    }
    self.exchanges = exchanges
  }

  func first(_ matches: (CloudExchange) -> Bool) throws -> CloudExchange {
    let found = exchanges.first(where: matches)
    return try #require(found)
  }

  /// The first exchange of a method and path, or one after it; with a parameter, where one is named.
  func first(_ method: String, _ path: String, _ index: Int = 0, query: String? = nil) throws -> CloudExchange {
    let found = exchanges.filter { exchange in
      exchange.request.method == method && exchange.request.path == path
        && query.map { exchange.request.query[$0] != nil } ?? true
    }
    try #require(found.count > index)
    return found[index]
  }
}

/// What a request asks for, however it is written.
struct CloudRequest: Equatable, CustomStringConvertible {
  let method: String
  let path: String
  var query: [String: String]
  /// Those that bear on what is asked for.
  var headers: [String: String]
  /// JSON in one form, or the parts of a multipart body; nothing of other bodies.
  let body: String

  private static let compared = [
    "content-range", "range", "x-goog-hash", "x-upload-content-length", "x-upload-content-type", "content-type",
  ]

  init(_ call: HTTPCall) {
    let headers = call.headers.reduce(into: [:]) { $0[$1.name.canonicalName] = $1.value }
    self.init(
      method: call.method.rawValue, target: call.url.replacing(/^https?:\/\/[^\/]*/, with: ""), headers: headers,
      body: call.body.held)
  }

  init(recorded block: String) throws {
    let (head, body) = RecordedText.parts(block)
    let words = try #require(head.first).split(separator: " ").map(String.init)
    var headers: [String: String] = [:]
    for line in head.dropFirst() {
      let sides = line.components(separatedBy: ": ")
      headers[sides[0].lowercased()] = sides.dropFirst().joined(separator: ": ")
    }
    // Google's library names a type for bodies that it does not send.
    if words[0] == "GET" { headers = headers.filter { $0.key == "range" } }
    self.init(method: words[0], target: words[1], headers: headers, body: Array(body.utf8))
  }

  private init(method: String, target: String, headers: [String: String], body: [UInt8]) {
    let parts = target.split(separator: "?", maxSplits: 1).map(String.init)
    self.method = method
    path = parts[0]
    query = [:]
    for pair in (parts.count > 1 ? parts[1] : "").split(separator: "&") {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      query[sides[0]] = sides[1].removingPercentEncoding
    }
    self.headers = headers.filter { Self.compared.contains($0.key) }
    let type = headers["content-type"] ?? ""
    if query["uploadType"] == "multipart", let boundary = type.firstMatch(of: /boundary="([^"]+)"/)?.1 {
      self.headers["content-type"] = String(type.prefix { $0 != ";" })
      let text = String(decoding: body, as: UTF8.self).replacing("\r\n", with: "\n")
      let pieces = text.components(separatedBy: "--\(boundary)").dropFirst().dropLast()
      self.body = pieces.map { piece in
        let sides = piece.components(separatedBy: "\n\n")
        let content = sides.dropFirst().joined(separator: "\n\n").dropLast()
        return sides[0].trimmingCharacters(in: .whitespacesAndNewlines) + " | " + Self.canonical(String(content))
      }.joined(separator: "\n")
    } else {
      self.body = type.hasPrefix("application/json") ? Self.canonical(String(decoding: body, as: UTF8.self)) : ""
    }
  }

  private static func canonical(_ text: String) -> String {
    (try? JSONReader.read(text) { try $0.readValue() })?.canonicalText ?? text
  }

  var description: String {
    "\(method) \(path) \(query.sorted { $0.key < $1.key }) \(headers.sorted { $0.key < $1.key })\n\(body)"
  }
}

/// Requests and answers as text: heads, an empty line, bodies.
enum RecordedText {
  static func parts(_ block: String) -> (head: [String], body: String) {
    let lines = block.components(separatedBy: "\n").dropFirst() as ArraySlice<String>
    let end = lines.firstIndex(of: "") ?? lines.endIndex
    let body = lines[end...].joined(separator: "\n")
    return (Array(lines[..<end]), body.trimmingCharacters(in: CharacterSet.whitespacesAndNewlines))
  }

  static func answer(_ block: String) throws -> HTTPAnswer {
    let (head, body) = parts(block)
    let status = try #require(head.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) })
    var answer = HTTPAnswer(status: status, body: Array(body.utf8))
    for line in head.dropFirst() {
      let sides = line.components(separatedBy: ": ")
      guard let name = HTTPField.Name(sides[0]) else { continue }
      answer.headers[name] = sides.dropFirst().joined(separator: ": ")
    }
    return answer
  }
}
