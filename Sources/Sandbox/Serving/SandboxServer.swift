import Formats
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import UnixSignals

/// Serves answers over HTTP, and lets those go wrong on their way that are meant to.
package struct SandboxServer: Sendable {
  private struct BrokenOff: Error {}
  private struct NotServing: Error {}

  /// The longest body of a request.
  private static let largestBody = 64 << 20

  private let host: String
  private let port: Int
  private let logger: Logger
  private let answer: @Sendable (SandboxRequest) async -> SandboxReply

  /// Serves what `answer` says on `port` (0 for any free one) of `host`.
  package init(
    host: String = "127.0.0.1", port: Int = 0,
    logger: Logger = Logger(label: "sandbox", factory: { _ in SwiftLogNoOpLogHandler() }),
    answer: @escaping @Sendable (SandboxRequest) async -> SandboxReply
  ) {
    self.host = host
    self.port = port
    self.logger = logger
    self.answer = answer
  }

  /// Serves while `body` runs, which is given the base address.
  package func serve<Value: Sendable>(_ body: @Sendable (String) async throws -> Value) async throws
    -> Value
  {
    let (ports, started) = AsyncStream.makeStream(of: Int.self)
    let services = ServiceGroup(
      configuration: .init(
        services: [service { started.yield($0) }], gracefulShutdownSignals: [], logger: logger))
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try? await services.run()
        started.finish()
      }
      let result: Result<Value, any Error>
      do {
        guard let port = await ports.first(where: { _ in true }) else { throw NotServing() }
        result = .success(try await body("http://\(host):\(port)"))
      } catch {
        result = .failure(error)
      }
      // A server that is cancelled instead would drop connections that it has only just taken.
      await services.triggerGracefulShutdown()
      return try result.get()
    }
  }

  /// Serves beside `others` until the process is told to stop. `started` hears the port once connections are taken.
  package func run(
    beside others: [any Service] = [], started: @escaping @Sendable (Int) async -> Void
  ) async throws {
    try await ServiceGroup(
      configuration: .init(
        services: others + [service(started: started)],
        gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    ).run()
  }

  /// The server as a service, to be run beside others. `started` hears the port once connections are taken.
  package func service(started: @escaping @Sendable (Int) async -> Void) -> some Service {
    let responder = CallbackResponder { (request: Request, _: BasicRequestContext) in
      try await response(to: request)
    }
    return Application(
      responder: responder,
      configuration: ApplicationConfiguration(address: .hostname(host, port: port)),
      onServerRunning: { channel in await started(channel.localAddress?.port ?? port) },
      logger: logger)
  }

  private func response(to request: Request) async throws -> Response {
    let buffer = try await request.body.collect(upTo: Self.largestBody)
    let reply = await answer(
      SandboxRequest(
        method: request.method.rawValue, path: request.uri.path, query: request.uri.query,
        authorization: request.headers[.authorization], contentType: request.headers[.contentType],
        host: request.head.authority, body: Array(buffer.readableBytesView)))
    switch reply.mishap {
    case .late(let milliseconds): try await Self.pass(milliseconds: milliseconds)
    case .never: try await Self.waitForTheEnd()
    case .stalled, .truncated, .cutJSON, nil: break
    }
    return Self.response(reply)
  }

  /// Waits on the timer of an event loop, for answers that are meant to be late.
  private static func pass(milliseconds: Int64) async throws {
    let loop = MultiThreadedEventLoopGroup.singleton.any()
    try await loop.scheduleTask(in: .milliseconds(milliseconds)) {}.futureResult.get()
  }

  /// Waits until the server stops.
  private static func waitForTheEnd() async throws {
    let (nothing, _) = AsyncStream.makeStream(of: Never.self)
    await cancelWhenGracefulShutdown {
      for await _ in nothing {}
    }
    throw BrokenOff()
  }

  private static func response(_ reply: SandboxReply) -> Response {
    var headers: HTTPFields = [.contentType: "application/json;charset=utf-8"]
    for (name, value) in reply.headers {
      if let name = HTTPField.Name(name) { headers[name] = value }
    }
    let whole = reply.body.bytes
    let half = ByteBuffer(bytes: whole.prefix(whole.count / 2))
    let body: ResponseBody =
      switch reply.mishap {
      case .cutJSON: ResponseBody(byteBuffer: half)
      case .stalled:
        ResponseBody(contentLength: whole.count) { writer in
          try await writer.write(half)
          try await waitForTheEnd()
        }
      case .truncated:
        // The error closes the connection, as a crash would.
        ResponseBody(contentLength: whole.count) { writer in
          try await writer.write(half)
          throw BrokenOff()
        }
      case .late, .never, nil: ResponseBody(byteBuffer: ByteBuffer(bytes: whole))
      }
    return Response(status: HTTPResponse.Status(code: reply.status), headers: headers, body: body)
  }
}
