import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import RemoteAPIs

extension FakeGraph {
  /// Serves on a free port of this machine while `body` runs, which is given the base address.
  package func serve<Value: Sendable>(
    _ body: @escaping @Sendable (_ url: String) async throws -> Value
  ) async throws -> Value {
    let responder = CallbackResponder { (request: Request, _: BasicRequestContext) in
      try await self.response(to: request)
    }
    var logger = Logger(label: "fake-graph")
    logger.logLevel = .critical
    let application = Application(
      responder: responder, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
      logger: logger)
    return try await application.test(.live) { client in try await body("http://127.0.0.1:\(client.port ?? 0)") }
  }

  private func response(to request: Request) async throws -> Response {
    let body = try await request.body.collect(upTo: 1 << 20)
    let token = request.headers[.authorization].map { Secret(String($0.dropFirst("Bearer ".count))) }
    let answer = try await send(
      HTTPCall(
        request.method, "http://graph\(request.uri.description)", bearerToken: token,
        body: .bytes(Array(body.readableBytesView))))
    return Response(
      status: HTTPResponse.Status(code: answer.status), headers: [.contentType: "application/json"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
  }
}
