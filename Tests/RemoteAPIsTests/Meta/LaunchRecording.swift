import Foundation
import HTTPTypes
import RemoteAPIs
import TestKit
import Testing
import Values

/// What Meta's own Python library sent to launch ads, and what it was answered.
struct LaunchRecording {
  struct Exchange {
    let host: String
    let request: MetaRequest
    /// The parts of a form with files; none of another form.
    let parts: [FormPart]
    let answer: HTTPAnswer
  }

  /// By the number of the step, such as `1a`.
  private(set) var steps: [String: [Exchange]] = [:]

  init() throws {
    let file = try #require(SharedData.file("vectors/meta_launch_exchange.txt"))
    let text = try String(contentsOf: file, encoding: .utf8)
    for step in text.components(separatedBy: "\n#### ").dropFirst() {
      let sections = Array(step.components(separatedBy: "######## ").dropFirst())
      steps[String(step.prefix { $0 != " " })] = try stride(from: 0, to: sections.count - 1, by: 2).map { index in
        try Self.exchange(sections[index], sections[index + 1])
      }
    }
  }

  private static func exchange(_ request: String, _ answer: String) throws -> Exchange {
    let (head, body) = MetaRecording.parts(request)
    let words = try #require(head.first).split(separator: " ").map(String.init)
    let host = try #require(head.first { $0.hasPrefix("Host: ") }).dropFirst("Host: ".count)
    let isMultipart = head.contains { $0.hasPrefix("Content-Type: multipart/form-data") }
    return Exchange(
      host: String(host), request: MetaRequest(method: words[0], address: words[1], form: isMultipart ? "" : body),
      parts: isMultipart ? FormPart.all(in: body, boundary: "BOUNDARY", lineEnd: "\n") : [],
      answer: try MetaRecording.answer(answer))
  }
}

/// A part of a form with files. Of a file's bytes only their number counts.
struct FormPart: Equatable {
  let name: String
  let fileName: String?
  let contentType: String?
  let value: String

  static func all(in body: String, boundary: String, lineEnd: String) -> [FormPart] {
    body.components(separatedBy: "--\(boundary)").dropFirst().dropLast().map { part in
      let sides = part.components(separatedBy: lineEnd + lineEnd)
      let head = sides[0]
      let value = sides.dropFirst().joined(separator: lineEnd + lineEnd).dropLast(lineEnd.count)
      let file = head.firstMatch(of: /filename="([^"]*)"/).map { String($0.1) }
      return FormPart(
        name: head.firstMatch(of: /; name="([^"]*)"/).map { String($0.1) } ?? "", fileName: file,
        contentType: head.firstMatch(of: /Content-Type: (\S+)/).map { String($0.1) },
        value: file == nil ? String(value) : size(value))
    }
  }

  private static func size(_ value: Substring) -> String {
    value.firstMatch(of: /^<binary (\d+) bytes/).map { "\($0.1) bytes" } ?? "\(value.utf8.count) bytes"
  }

  /// The parts of a call's body, which is read as it would be sent.
  static func all(of call: HTTPCall) async throws -> [FormPart] {
    let type = try #require(call.headers[.contentType])
    let boundary = try #require(type.firstMatch(of: /^multipart\/form-data; boundary=(\S+)$/)).1
    guard case .stream(let length, let pieces) = call.body else { return [] }
    var bytes: [UInt8] = []
    for try await piece in pieces { bytes += piece }
    #expect(bytes.count == Int(length))
    return all(in: String(decoding: bytes, as: UTF8.self), boundary: String(boundary), lineEnd: "\r\n")
  }
}

/// Made-up bytes, in one piece.
struct MadeBytes: AsyncSequence, Sendable {
  let count: Int

  struct AsyncIterator: AsyncIteratorProtocol {
    var left: Int

    mutating func next() async throws -> [UInt8]? {
      defer { left = 0 }
      return left == 0 ? nil : Array(repeating: UInt8(ascii: "v"), count: left)
    }
  }

  func makeAsyncIterator() -> AsyncIterator { AsyncIterator(left: count) }
}
