import RemoteAPIs
import Sandbox

extension FakeHubSpot {
  /// Serves on a free port of this machine while `body` runs, which is given the base address.
  package func serve<Value: Sendable>(_ body: @Sendable (String) async throws -> Value) async throws -> Value {
    try await withTransport { transport in try await server(port: 0, over: transport).serve(body) }
  }

  /// Serves on `port` (0 for any free one) of this machine until the process is told to stop.
  ///
  /// `started` hears the port once connections are taken.
  package func run(port: Int, started: @escaping @Sendable (Int) async -> Void) async throws {
    try await withTransport { transport in try await server(port: port, over: transport).run(started: started) }
  }

  private func withTransport<Value>(_ body: (AsyncHTTPTransport) async throws -> Value) async throws -> Value {
    let transport = AsyncHTTPTransport()
    let result: Value
    do {
      result = try await body(transport)
    } catch {
      await transport.shutDown()
      throw error
    }
    await transport.shutDown()
    return result
  }

  private func server(port: Int, over transport: AsyncHTTPTransport) -> SandboxServer {
    SandboxServer(port: port) { request in
      request.path.hasPrefix("/_fake/")
        ? await self.control(request, over: transport) : self.reply(to: request)
    }
  }
}
