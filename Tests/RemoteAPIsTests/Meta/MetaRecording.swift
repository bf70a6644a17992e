import Foundation
import HTTPTypes
import RemoteAPIs
import TestKit
import Testing

/// What Meta's own Python library sent, and what it was answered.
struct MetaRecording {
  let exchanges: [(request: MetaRequest, answer: HTTPAnswer)]

  init() throws {
    let file = try #require(SharedData.file("vectors/meta_sdk_exchange.txt"))
    let parts = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "######## ").dropFirst()
    let sections = Array(parts)
    exchanges = try stride(from: 0, to: sections.count, by: 2).map { index in
      (try MetaRequest(recorded: sections[index]), try Self.answer(sections[index + 1]))
    }
  }

  /// The head's lines, and what follows the first empty one.
  static func parts(_ section: String) -> (head: [String], body: String) {
    let lines = section.components(separatedBy: "\n").dropFirst() as ArraySlice<String>
    let end = lines.firstIndex(of: "") ?? lines.endIndex
    let body = lines[end...].joined(separator: "\n")
    return (Array(lines[..<end]), body.trimmingCharacters(in: CharacterSet.whitespacesAndNewlines))
  }

  static func answer(_ section: String) throws -> HTTPAnswer {
    let (head, body) = parts(section)
    let status = try #require(head.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) })
    var answer = HTTPAnswer(status: status, body: Array(body.utf8))
    for line in head.dropFirst() {
      let parts = line.components(separatedBy: ": ")
      guard let name = HTTPField.Name(parts[0]) else { continue }
      answer.headers[name] = parts.dropFirst().joined(separator: ": ")
    }
    return answer
  }
}

/// What a request asks for, however it is written: parameters of its address and of its form alike.
struct MetaRequest: Equatable, CustomStringConvertible {
  let method: String
  let path: String
  var parameters: [String: String]

  init(recorded section: String) throws {
    let (head, body) = MetaRecording.parts(section)
    let words = try #require(head.first).split(separator: " ").map(String.init)
    self.init(method: words[0], address: words[1], form: body)
  }

  /// The request of a call, its secrets included.
  init(_ call: HTTPCall) {
    let address = call.url.replacing(/^https:\/\/[^\/]*/, with: "")
    let secrets = call.secretQuery.map { (address.contains("?") ? "&" : "?") + $0.text } ?? ""
    self.init(
      method: call.method.rawValue, address: address + secrets, form: String(decoding: call.body.held, as: UTF8.self))
  }

  init(method: String, address: String, form: String) {
    let parts = address.split(separator: "?", maxSplits: 1).map(String.init)
    self.method = method
    path = parts[0]
    parameters = [:]
    for pair in "\(parts.count > 1 ? parts[1] : "")&\(form)".split(separator: "&") {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let value = sides.count > 1 ? sides[1].replacingOccurrences(of: "+", with: "%20") : ""
      parameters[sides[0]] = value.removingPercentEncoding ?? value
    }
  }

  /// The request without parameters whose place or need differs: the token goes into a header here, and the library
  /// asks for a count of every list that nobody reads.
  func without(_ names: String...) -> MetaRequest {
    var request = self
    for name in names { request.parameters[name] = nil }
    return request
  }

  var description: String {
    "\(method) \(path) \(parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })"
  }
}
