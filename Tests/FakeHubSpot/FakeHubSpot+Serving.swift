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
  private struct NotServing: Error {}

  /// Serves on a free port of this machine while `body` runs, which is given the base address.
  package func serve<Value: Sendable>(_ body: @Sendable (String) async throws -> Value) async throws -> Value {
    let transport = AsyncHTTPTransport()
    let (ports, started) = AsyncStream.makeStream(of: Int.self)
    let services = services(port: 0, over: transport, stoppedBy: []) { started.yield($0) }
    let result: Result<Value, any Error> = await withTaskGroup(of: Void.self) { group in
      group.addTask {
        try? await services.run()
        started.finish()
      }
      let result: Result<Value, any Error>
      do {
        guard let port = await ports.first(where: { _ in true }) else { throw NotServing() }
        result = .success(try await body("http://127.0.0.1:\(port)"))
      } catch {
        result = .failure(error)
      }
      // A server that is cancelled instead would drop connections that it has only just taken.
      await services.triggerGracefulShutdown()
      return result
    }
    await transport.shutDown()
    return try result.get()
  }

  /// Serves on `port` (0 for any free one) of this machine until the process is told to stop.
  ///
  /// `started` hears the port once connections are taken.
  package func run(port: Int, started: @escaping @Sendable (Int) async -> Void) async throws {
    let transport = AsyncHTTPTransport()
    do {
      try await services(port: port, over: transport, stoppedBy: [.sigterm, .sigint], started: started).run()
    } catch {
      await transport.shutDown()
      throw error
    }
    await transport.shutDown()
  }

  private func services(
    port: Int, over transport: any HTTPTransport, stoppedBy signals: [UnixSignal],
    started: @escaping @Sendable (Int) async -> Void
  ) -> ServiceGroup {
    let responder = CallbackResponder { (request: Request, _: BasicRequestContext) in
      try await self.response(to: request, over: transport)
    }
    let logger = Logger(label: "fake-hubspot", factory: { _ in SwiftLogNoOpLogHandler() })
    let application = Application(
      responder: responder, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port)),
      onServerRunning: { channel in await started(channel.localAddress?.port ?? port) }, logger: logger)
    return ServiceGroup(
      configuration: .init(services: [application], gracefulShutdownSignals: signals, logger: logger))
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
