import Features
import Foundation
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// The HTTP server: stops on SIGTERM and SIGINT once the requests under way are answered.
public struct Server: Sendable {
  private let system: System
  private let host: String
  private let port: Int
  private let roles: [any Service]
  private let logger: Logger

  /// Serves `system` on `host` and `port` (0 for any free one), and runs `roles` beside that.
  public init(_ system: System, host: String, port: Int, roles: [any Service] = [], logger: Logger) {
    self.system = system
    self.roles = roles
    self.host = host
    self.port = port
    self.logger = logger
  }

  /// Runs until the process is told to stop; `started` hears the port once connections are taken.
  public func run(started: @escaping @Sendable (Int) async -> Void) async throws {
    let router = EndpointRouter(endpoints: system.endpoints, authenticator: system.keys).router()
    var application = Application(
      router: router, server: .loopBoundHTTP1,
      configuration: ApplicationConfiguration(address: .hostname(host, port: port), serverName: "GeminiVideo"),
      onServerRunning: { channel in await started(channel.localAddress?.port ?? port) }, logger: logger)
    application.services += roles + [KeyUseRole(system, logger: logger)]
    do {
      try await application.runService()
    } catch let error as IOError where error.errnoCode == EADDRINUSE {
      throw SettingError(name: "port", value: "\(port)", rule: "must be free, and another program listens there")
    }
  }
}
