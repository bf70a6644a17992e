import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import RemoteAPIs

extension FakeCloudStorage {
  private struct BrokenOff: Error {}

  /// Serves on `port` (0 for any free one) of this machine until the task or the process ends. `started` hears the port
  /// once connections are taken.
  package func run(port: Int = 0, started: @escaping @Sendable (Int) async -> Void) async throws {
    let responder = CallbackResponder { (request: Request, _: BasicRequestContext) in
      try await self.response(to: request)
    }
    let application = Application(
      responder: responder, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port)),
      onServerRunning: { channel in await started(channel.localAddress?.port ?? port) },
      logger: Logger(label: "fake-cloud-storage", factory: { _ in SwiftLogNoOpLogHandler() }))
    try await application.runService(gracefulShutdownSignals: [])
  }

  /// Serves while `body` runs, which is given the base address.
  package func serve<Value: Sendable>(_ body: @escaping @Sendable (String) async throws -> Value) async throws -> Value
  {
    let (ports, started) = AsyncStream.makeStream(of: Int.self)
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await self.run { started.yield($0) }
        started.finish()
      }
      let port = await ports.first { _ in true }
      let result = try await body("http://127.0.0.1:\(port ?? 0)")
      group.cancelAll()
      return result
    }
  }

  private func response(to request: Request) async throws -> Response {
    let body = Array(try await request.body.collect(upTo: 64 << 20).readableBytesView)
    let call = HTTPCall(
      request.method, "http://\(request.head.authority ?? "")\(request.uri.description)", headers: request.headers,
      body: .bytes(body))
    let reply = reply(to: FakeRequest(call, body), call)
    let status = HTTPResponse.Status(code: reply.answer.status)
    let bytes = reply.answer.body
    guard let cut = reply.cut else {
      return Response(
        status: status, headers: reply.answer.headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
    return Response(
      status: status, headers: reply.answer.headers,
      body: ResponseBody(contentLength: max(bytes.count, 1)) { writer in
        if cut > 0 { try await writer.write(ByteBuffer(bytes: bytes.prefix(cut))) }
        // The error closes the connection, as a crash would.
        throw BrokenOff()
      })
  }
}
