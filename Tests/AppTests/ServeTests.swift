import AppTestKit
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

/// `serve` as a process.
struct ServeTests {
  @Test("It prints its address, answers, and stops on a signal with status 0", arguments: [SIGTERM, SIGINT])
  func serve(_ signal: Int32) async throws {
    let program = try await Program()
    try await program.output("migrate")
    let server = try await ServingProgram(program)
    let answer = try await TestClient.withClient(host: "127.0.0.1", port: server.port) { client in
      try await client.get("/readyz", headers: [.hostName: "localhost"])
    }
    #expect(answer.status == .ok)
    server.run.send(signal)
    let outcome = try await server.run.outcome()
    #expect(outcome.status == 0)
    #expect(outcome.lines.count == 1)
  }

  @Test("A running server heeds what commands do to keys and accounts, and notes which keys were used")
  func keys() async throws {
    let program = try await Program()
    try await program.output("accounts", "create", "--account", "acme")
    var tokens: [String] = []
    for name in ["used", "unused"] {
      let token = try await program.output("keys", "create", "--account", "acme", "--role", "viewer", "--name", name)
      tokens.append(String(token.dropLast()))
    }
    let server = try await ServingProgram(program)
    #expect(try await Self.answer(to: tokens[0], by: server) == .ok)
    server.run.send(SIGTERM)
    #expect(try await server.run.outcome().status == 0)
    let rows = try await program.output("keys", "list", "--account", "acme").split(separator: "\n").dropFirst(2)
    #expect(rows.filter { $0.contains("never") }.count == 1)
    #expect(rows.contains { $0.contains("unused") && $0.contains("never") })
    try await program.output("accounts", "disable", "--account", "acme")
    let again = try await ServingProgram(program)
    #expect(try await Self.answer(to: tokens[0], by: again) == .forbidden)
    again.run.send(SIGTERM)
    #expect(try await again.run.outcome().status == 0)
  }

  private static func answer(to key: String, by server: ServingProgram) async throws -> HTTPResponse.Status {
    try await TestClient.withClient(host: "127.0.0.1", port: server.port) { client in
      try await client.get("/api/jobs", headers: [.authorization: "Bearer \(key)", .hostName: "localhost"]).status
    }
  }

  @Test("A port that is taken, or none, is refused")
  func ports() async throws {
    let program = try await Program()
    try await program.output("migrate")
    let server = try await ServingProgram(program)
    let second = try await program.run("serve", "--port", "\(server.port)")
    #expect(second.status == 2)
    #expect(!second.errors.isEmpty)
    let none = try await program.run("serve", environment: ["PORT": "eighty"])
    #expect(none.status == 2)
    #expect(none.errors == "PORT is 'eighty': it must be 0 to 65535\n")
    let beyond = try await program.run("serve", "--port", "99999")
    #expect(beyond.status == 2)
    #expect(beyond.errors == "--port is '99999': it must be 0 to 65535\n")
    server.run.send(SIGTERM)
    #expect(try await server.run.outcome().status == 0)
  }
}

/// A server that takes connections.
struct ServingProgram {
  let run: RunningProgram
  let port: Int

  /// Starts `serve` on a free port and waits for the line that says which.
  init(_ program: Program, _ options: [String] = [], environment: [String: String] = [:]) async throws {
    run = try program.start(["serve", "--port", "0"] + options, environment: environment)
    let line = try #require(await run.outputLines.first { _ in true })
    let match = try #require(line.firstMatch(of: #/^Serving http://127.0.0.1:(\d+) /#))
    port = try #require(Int(match.1))
  }
}
