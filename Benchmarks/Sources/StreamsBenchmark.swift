import App
import ArgumentParser
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import RemoteAPIs
import ServiceLifecycle
import Storage
import Web

/// `benchmarks streams`: what a long body costs in memory, up through an endpoint and down through the transport. Server
/// and client are in this process, so that the figure is of both.
struct StreamsBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "streams",
    abstract: "Send a long body up and down, print by how much memory grew, and fail where that is too much.")

  @Option(help: "How many MB go up, and down again.")
  var megabytes = 1_000
  @Option(help: "By how many MB memory may grow.")
  var limit = 32

  func run() async throws {
    let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
    let router = EndpointRouter(
      endpoints: Self.endpoints, authenticator: NobodyElse(), metrics: RequestMetrics(clock: { SystemClock.now })
    ).router()
    let application = Application(
      router: router, server: .loopBoundHTTP1 { _ in },
      configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
      onServerRunning: { continuation.yield($0.localAddress?.port ?? 0) }, logger: Self.logger)
    let group = ServiceGroup(services: [application], logger: Self.logger)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      for await port in ports {
        try await measure("http://127.0.0.1:\(port)/things")
        break
      }
      await group.triggerGracefulShutdown()
      try await tasks.waitForAll()
    }
  }

  private static let logger = Logger(label: "streams") { _ in SwiftLogNoOpLogHandler() }
  private static let piece = [UInt8](repeating: 0x5A, count: 64 << 10)
  private static let timeLimit = Duration.seconds(600)

  private static let endpoints = [
    Endpoint(
      .put, "/things", operationID: "put", summary: "", tag: "", access: .open,
      upload: Upload(mediaTypes: ["application/octet-stream"], limit: .max), response: .string("")
    ) { call in
      var count = 0
      if let pieces = call.pieces { for try await piece in pieces { count += piece.count } }
      return Reply(text: "\(count)", contentType: "text/plain")
    },
    Endpoint(
      .get, "/things/{count}", operationID: "get", summary: "", tag: "", access: .open, response: .string("")
    ) { call in
      let count = Int(call.pathParameters["count"] ?? "") ?? 0
      return Reply(
        pieces: MadePieces(count: count), length: count * piece.count, contentType: "application/octet-stream")
    },
  ]

  private func measure(_ url: String) async throws {
    let transport = AsyncHTTPTransport.shared
    // What any request needs is there before: threads, connections, buffers.
    try await up(16, url, transport)
    try await down(16, url, transport)
    let pieces = megabytes * 1_000_000 / Self.piece.count
    let before = try Self.peakKilobytes()
    try await up(pieces, url, transport)
    let between = try Self.peakKilobytes()
    try await down(pieces, url, transport)
    let after = try Self.peakKilobytes()
    print(
      """
      {"benchmark":"streams","megabytes":\(megabytes),"growth_up_kb":\(between - before),\
      "growth_down_kb":\(after - between)}
      """)
    guard after - before <= limit * 1_000 else { throw ExitCode.failure }
  }

  private func up(_ count: Int, _ url: String, _ transport: AsyncHTTPTransport) async throws {
    var call = HTTPCall(.put, url, timeLimit: Self.timeLimit)
    call.headers[.contentType] = "application/octet-stream"
    call.body = .stream(length: Int64(count * Self.piece.count), pieces: MadePieces(count: count))
    let answer = try await transport.send(call)
    guard String(decoding: answer.body, as: UTF8.self) == "\(count * Self.piece.count)" else { throw ExitCode.failure }
  }

  private func down(_ count: Int, _ url: String, _ transport: AsyncHTTPTransport) async throws {
    let call = HTTPCall(.get, "\(url)/\(count)", timeLimit: Self.timeLimit, largestAnswer: .max)
    let taken = Taken()
    let answer = try await transport.download(call) { await taken.add($0.count) }
    guard answer.status == 200, await taken.count == count * Self.piece.count else { throw ExitCode.failure }
  }

  private static func peakKilobytes() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
      let kilobytes = Int(line.filter(\.isNumber))
    else { throw ExitCode.failure }
    return kilobytes
  }

  private actor Taken {
    private(set) var count = 0

    func add(_ bytes: Int) { count += bytes }
  }

  /// `count` pieces, made one by one as they are asked for.
  private struct MadePieces: AsyncSequence, Sendable {
    let count: Int

    struct AsyncIterator: AsyncIteratorProtocol {
      var left: Int

      mutating func next() async throws -> [UInt8]? {
        guard left > 0 else { return nil }
        left -= 1
        return StreamsBenchmark.piece
      }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(left: count) }
  }

  /// The endpoints are open: nobody is asked for a token.
  private struct NobodyElse: Authenticator {
    func principal(bearerToken: String?) async throws -> Principal { throw ExitCode.failure }
    func prove(_ principal: Principal, in transaction: any Transaction) throws { throw ExitCode.failure }
  }
}
