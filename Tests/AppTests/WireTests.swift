import Foundation
import Testing

/// A running server as bytes on a socket see it.
struct WireTests {
  private static let json = "Content-Type: application/json\r\n"

  @Test("A client that waits for 100 Continue gets it, or its refusal at once")
  func expectation() async throws {
    let program = try await Program()
    try await program.output("accounts", "create", "--account", "acme")
    let key = try await program.output("keys", "create", "--account", "acme", "--role", "admin").dropLast()
    let server = try await ServingProgram(program)
    let put =
      "PUT /api/accounts/acme/configuration HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9\r\n"
      + "Connection: close\r\n"
    let taken = try await server.exchange([
      (put + Self.json + "Authorization: Bearer \(key)\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n"), (#"{"aov":1}"#, nil),
    ])
    #expect(taken.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"))
    for (head, status) in [
      (put + Self.json, 401), (put + "Authorization: Bearer \(key)\r\nContent-Type: text/plain\r\n", 415),
      (
        put.replacing("Length: 9", with: "Length: 9999999") + Self.json + "Authorization: Bearer \(key)\r\n", 413
      ),
    ] {
      let refused = try await server.exchange([(head + "\r\n", nil)])
      #expect(refused.hasPrefix("HTTP/1.1 \(status) "), "\(refused)")
    }
    try await server.end()
  }

  @Test("What breaks HTTP is 400 and closed, and no fault of the server in its log")
  func malformed() async throws {
    let server = try await ServingProgram(Program(), ["--create"])
    let post = "POST /webhooks/hubspot HTTP/1.1\r\nHost: x\r\n" + Self.json
    for text in [
      post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", post + "Transfer-Encoding: nonsense\r\n\r\n",
      "GET /healthz HTTP/1.1\r\n\r\n", "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "GET nothing\r\n\r\n",
    ] {
      let answer = try await server.exchange([(text, nil)])
      #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(text): \(answer)")
      #expect(answer.lowercased().contains("connection: close\r\n"))
    }
    // One that hangs up in mid-body.
    _ = try await server.exchange([(post + "Content-Length: 100\r\n\r\n[", "")])
    let old = try await server.exchange([("GET /healthz HTTP/1.0\r\n\r\n", nil)])
    #expect(old.hasSuffix(#"{"status":"ok"}"#))
    let head = try await server.exchange([("HEAD /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", nil)])
    #expect(head.hasSuffix("\r\n\r\n"))
    let errors = try await server.end()
    #expect(!errors.contains(" error "), "\(errors)")
  }

  @Test("At log level info each request has a line, whatever its path holds")
  func accessLog() async throws {
    let server = try await ServingProgram(Program(), ["--create", "--log-level", "info"])
    _ = try await server.exchange([("GET /a%0Ab?secret=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", nil)])
    let errors = try await server.end()
    let line = try #require(errors.split(separator: "\n").first { $0.contains("path=/a%0Ab") })
    #expect(line.contains("method=GET") && line.contains("status=404"))
    #expect(!errors.contains("secret"))
  }
}

extension ServingProgram {
  /// Stops the server and returns what it wrote on standard error.
  @discardableResult
  func end() async throws -> String {
    run.send(SIGTERM)
    let outcome = try await run.outcome()
    #expect(outcome.status == 0)
    return outcome.errors
  }

  /// Sends each text on one connection, after each reading until what came ends with its second half; nil reads until
  /// the server closes. Returns all that came.
  func exchange(_ steps: [(send: String, until: String?)]) async throws -> String {
    let port = port
    return try await withCheckedThrowingContinuation { continuation in
      // Sockets block: not on a thread of Swift's pool.
      Thread.detachNewThread {
        continuation.resume(with: Result { try Self.exchange(port, steps) })
      }
    }
  }

  private static func exchange(_ port: Int, _ steps: [(send: String, until: String?)]) throws -> String {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(connected == 0)
    var received: [UInt8] = []
    for (text, end) in steps {
      let bytes = Array(text.utf8)
      let sent = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
      try #require(sent == bytes.count)
      while end.map({ !String(decoding: received, as: UTF8.self).hasSuffix($0) }) ?? true {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { break }
        received += buffer[..<count]
      }
    }
    return String(decoding: received, as: UTF8.self)
  }
}
