import Formats
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import RemoteAPIs
import ServiceLifecycle
import Synchronization
import UnixSignals

extension FakeHubSpot {
  private struct BrokenOff: Error {}

  /// Serves on a free port of this machine while `body` runs, which is given the base address.
  public func serve<Value: Sendable>(_ body: @escaping @Sendable (String) async throws -> Value) async throws -> Value {
    let (ports, started) = AsyncStream.makeStream(of: Int.self)
    return try await withThrowingTaskGroup(of: Value?.self) { group in
      group.addTask {
        try await self.run(port: 0, stoppedBySignals: false) { started.yield($0) }
        return nil
      }
      group.addTask {
        for await port in ports { return try await body("http://127.0.0.1:\(port)") }
        throw CancellationError()
      }
      defer { group.cancelAll() }
      while let result = try await group.next() {
        if let result { return result }
      }
      throw CancellationError()
    }
  }

  /// Serves on `port` (0 for any free one) of this machine; `started` hears the port once connections are taken.
  public func run(
    port: Int, stoppedBySignals: Bool, started: @escaping @Sendable (Int) async -> Void
  ) async throws {
    let transport = AsyncHTTPTransport()
    let responder = CallbackResponder { (request: Request, _: BasicRequestContext) in
      try await self.response(to: request, over: transport)
    }
    let application = Application(
      responder: responder, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port)),
      onServerRunning: { channel in await started(channel.localAddress?.port ?? port) },
      logger: Logger(label: "fake-hubspot", factory: { _ in SwiftLogNoOpLogHandler() }))
    do {
      try await application.runService(gracefulShutdownSignals: stoppedBySignals ? [.sigterm, .sigint] : [])
    } catch {
      await transport.shutDown()
      throw error
    }
    await transport.shutDown()
  }

  private func response(to request: Request, over transport: any HTTPTransport) async throws -> Response {
    let buffer = try await request.body.collect(upTo: 4 << 20)
    let taken = FakeRequest(
      method: request.method.rawValue, path: request.uri.path, query: request.uri.query,
      authorization: request.headers[.authorization], body: Array(buffer.readableBytesView))
    guard !taken.path.hasPrefix("/_fake/") else { return Self.response(await control(taken, over: transport)) }
    let reply = reply(to: taken)
    switch reply.fault {
    case .slow: try await pass(milliseconds: state.withLock { $0.faults.delayMilliseconds })
    case .never: try await Self.waitForTheEnd()
    default: break
    }
    return Self.response(reply)
  }

  /// Waits on the timer of an event loop, for answers that are meant to be late.
  private func pass(milliseconds: Int64) async throws {
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

  private static func response(_ reply: FakeReply) -> Response {
    var headers: HTTPFields = [.contentType: "application/json;charset=utf-8"]
    for (name, value) in reply.headers {
      if let name = HTTPField.Name(name) { headers[name] = value }
    }
    let whole = reply.body.bytes
    let half = ByteBuffer(bytes: whole.prefix(whole.count / 2))
    let body: ResponseBody =
      switch reply.fault {
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
      default: ResponseBody(byteBuffer: ByteBuffer(bytes: whole))
      }
    return Response(status: HTTPResponse.Status(code: reply.status), headers: headers, body: body)
  }
}
