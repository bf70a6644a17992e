import AppTestKit
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import RemoteAPIs
import ServiceLifecycle
import Synchronization
import TestKit
import Testing
import Values
import Web

@testable import App

/// Bodies that are longer than memory allows: through a server on a socket and the transport, piece by piece.
struct StreamTests {
  private static let piece = [UInt8](repeating: 0x5A, count: 64 << 10)
  private static let pieces = 4_096
  /// Sockets hold up to 38 MB on the way, and a client whose thread waits for the processor more; a side that held the
  /// body whole would hold 256 MiB.
  private let mostApart = 224 << 20

  /// How many bytes one side has made and the other has taken, and how far apart they were at most.
  private final class Progress: Sendable {
    private let state = Mutex((made: 0, taken: 0, apart: 0))

    func made(_ count: Int) {
      state.withLock {
        $0.made += count
        $0.apart = max($0.apart, $0.made - $0.taken)
      }
    }
    func took(_ count: Int) { state.withLock { $0.taken += count } }

    var taken: Int { state.withLock(\.taken) }
    var apart: Int { state.withLock(\.apart) }
  }

  /// `count` pieces, made one by one when they are asked for.
  private struct MadePieces: AsyncSequence, Sendable {
    let count: Int
    let progress: Progress

    struct AsyncIterator: AsyncIteratorProtocol {
      var left: Int
      let progress: Progress

      mutating func next() async throws -> [UInt8]? {
        guard left > 0 else { return nil }
        left -= 1
        progress.made(StreamTests.piece.count)
        return StreamTests.piece
      }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(left: count, progress: progress) }
  }

  private static func endpoints(_ progress: Progress, limit: Int) -> [Endpoint] {
    [
      Endpoint(
        .put, "/things", operationID: "put", summary: "", tag: "", access: .open,
        upload: Upload(mediaTypes: ["application/octet-stream"], limit: limit), response: .string("")
      ) { call in
        var count = 0
        for try await piece in try #require(call.pieces) {
          count += piece.count
          progress.took(piece.count)
        }
        return Reply(text: "\(count)", contentType: "text/plain")
      },
      Endpoint(
        .get, "/things", operationID: "get", summary: "", tag: "", access: .open, response: .string("")
      ) { _ in
        Reply(
          pieces: MadePieces(count: pieces, progress: progress), length: pieces * piece.count,
          contentType: "application/octet-stream")
      },
    ]
  }

  /// Serves the endpoints on a socket while `body` runs.
  private static func serving<Result: Sendable>(
    _ endpoints: [Endpoint], _ body: @escaping @Sendable (_ url: String, AsyncHTTPTransport) async throws -> Result
  ) async throws -> Result {
    let test = try await TestSystem()
    let router = EndpointRouter(
      endpoints: endpoints, authenticator: test.system.keys, metrics: test.system.requestMetrics
    ).router()
    let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
    let application = Application(
      router: router, server: .loopBoundHTTP1(ConnectionLimits()) { _ in },
      configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
      onServerRunning: { continuation.yield($0.localAddress?.port ?? 0) }, logger: Logger(label: "test"))
    let group = ServiceGroup(services: [application], logger: Logger(label: "test"))
    let transport = AsyncHTTPTransport()
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      var port: Int?
      for await found in ports {
        port = found
        break
      }
      let result = try await body("http://127.0.0.1:\(try #require(port))", transport)
      await group.triggerGracefulShutdown()
      try await tasks.waitForAll()
      await transport.shutDown()
      return result
    }
  }

  @Test("256 MiB go up with little of them in memory at any time")
  func upload() async throws {
    let progress = Progress()
    let total = Self.pieces * Self.piece.count
    let answer = try await Self.serving(Self.endpoints(progress, limit: total)) { url, transport in
      var call = HTTPCall(.put, url + "/things", timeLimit: .seconds(120))
      call.setHeader("Content-Type", "application/octet-stream; x=y")
      call.body = .stream(length: Int64(total), pieces: MadePieces(count: Self.pieces, progress: progress))
      return try await transport.send(call)
    }
    #expect(answer.status == 200)
    #expect(String(decoding: answer.body, as: UTF8.self) == "\(total)")
    #expect(progress.apart < mostApart)
  }

  @Test("256 MiB come down with little of them in memory at any time")
  func download() async throws {
    let progress = Progress()
    let total = Self.pieces * Self.piece.count
    let answer = try await Self.serving(Self.endpoints(progress, limit: 1)) { url, transport in
      try await transport.download(
        HTTPCall(.get, url + "/things", timeLimit: .seconds(120), largestAnswer: total)
      ) { progress.took($0.count) }
    }
    #expect(answer.status == 200)
    #expect(answer.body.isEmpty)
    #expect(progress.taken == total)
    #expect(progress.apart < mostApart)
  }

  @Test("A download that is longer than allowed, or that its receiver refuses, ends with that error")
  func refusedDownload() async throws {
    struct Full: Error {}
    try await Self.serving(Self.endpoints(Progress(), limit: 1)) { url, transport in
      await #expect(throws: TransportError.tooLarge(limit: 1_000)) {
        try await transport.download(HTTPCall(.get, url + "/things", largestAnswer: 1_000)) { _ in }
      }
      await #expect(throws: Full.self) {
        try await transport.download(HTTPCall(.get, url + "/things", largestAnswer: 1 << 30)) { _ in throw Full() }
      }
    }
  }

  @Test("A stream of events that never ends comes as it happens, and ends when the server is told to stop")
  func events() async throws {
    let (happened, happen) = AsyncThrowingStream.makeStream(of: ServerEvent.self, throwing: (any Error).self)
    let endpoint = Endpoint.page(.get, "/events", operationID: "events") { _ in .events(happened) }
    let (heard, hear) = AsyncStream.makeStream(of: String.self)
    let download = try await Self.serving([endpoint]) { url, transport in
      let download = Task {
        try await transport.download(
          HTTPCall(.get, url + "/events", timeLimit: .seconds(120), largestAnswer: 1 << 20)
        ) { hear.yield(String(decoding: $0, as: UTF8.self)) }
      }
      var heard = heard.makeAsyncIterator()
      #expect(await heard.next() == ":\n\n")
      happen.yield(ServerEvent("a"))
      #expect(await heard.next() == "data: a\n\n")
      return download
    }
    let answer = try await download.value
    #expect(answer.status == 200)
  }

  @Test("An upload beyond its bound is 413, announced or not; of another type 415")
  func refusedUpload() async throws {
    try await Self.serving(Self.endpoints(Progress(), limit: 100_000)) { url, transport in
      var call = HTTPCall(.put, url + "/things")
      call.setHeader("Content-Type", "application/octet-stream")
      call.body = .bytes([UInt8](repeating: 0, count: 100_001))
      let tooLong = try await transport.send(call).status
      #expect(tooLong == 413)
      call.setHeader("Content-Type", "application/json")
      let wrongType = try await transport.send(call).status
      #expect(wrongType == 415)
    }
  }
}
