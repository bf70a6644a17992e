import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle
import UnixSignals
import Web

/// The HTTP server. On SIGTERM and SIGINT it accepts no further connections and requests, finishes those in progress,
/// and ends within a bounded time whatever clients do.
package struct Server: Sendable {
  /// The server's settings.
  package struct Settings: Sendable {
    /// The address to listen on.
    package var host = "127.0.0.1"
    /// The port to listen on; 0 for any free one.
    package var port = 8080
    /// The most connections open at once; nil for as many as the process's limit of open files allows.
    package var connectionLimit: Int?
    /// Seconds that the roles beside the server have to end.
    package var rolesGrace = 0

    package init() {}
  }

  /// Seconds after which the process ends, whatever is still in progress.
  private static let stopSeconds = 29

  private let system: System
  private let settings: Settings
  private let roles: [any Service]
  private let logger: Logger

  /// Serves `system`, and runs `roles` beside it.
  package init(_ system: System, _ settings: Settings, roles: [any Service] = [], logger: Logger) {
    self.system = system
    self.settings = settings
    self.roles = roles
    self.logger = logger
  }

  /// Runs until the process is told to stop; `started` is called with the port once connections are accepted.
  package func run(started: @escaping @Sendable (Int) async -> Void) async throws {
    let metrics = system.requestMetrics
    let onRefusal: @Sendable (Refusal) -> Void = { [logger] in metrics.count($0, logger: logger) }
    let router = EndpointRouter(endpoints: system.endpoints, authenticator: system.keys, metrics: metrics).router()
    let files = OpenFiles.raiseLimit()
    let connections = ConnectionCount(
      limit: settings.connectionLimit ?? OpenFiles.connections(ofLimit: files), onRefusal: onRefusal)
    let port = settings.port
    var application = Application(
      router: router, server: .loopBoundHTTP1(onRefusal: onRefusal),
      configuration: ApplicationConfiguration(
        address: .hostname(settings.host, port: port), serverName: "GeminiVideo",
        availableConnectionsDelegate: connections),
      onServerRunning: { channel in await started(channel.localAddress?.port ?? port) }, logger: logger)
    // Stored once the last request has been answered.
    application.services = [KeyUseRole(system, logger: logger)]
    do {
      try await run([application, RefusalLogRole(system, logger: logger)] + roles)
    } catch let error as IOError where error.errnoCode == EADDRINUSE {
      throw SettingError(name: "port", value: "\(port)", rule: "is in use by another program; choose another one")
    }
  }

  private func run(_ services: [any Service]) async throws {
    let deadline = StopDeadline(seconds: max(Self.stopSeconds, settings.rolesGrace + 10), logger: logger)
    var configuration = ServiceGroupConfiguration(
      services: [SideBySide(services: services + [deadline])], gracefulShutdownSignals: [.sigterm, .sigint],
      logger: logger)
    configuration.maximumGracefulShutdownDuration = .seconds(max(24, settings.rolesGrace + 5))
    try await ServiceGroup(configuration: configuration).run()
  }
}

/// Logs the newly counted refusals once a minute, until the process is told to stop.
private struct RefusalLogRole: Service {
  private let metrics: RequestMetrics
  private let logger: Logger

  init(_ system: System, logger: Logger) {
    metrics = system.requestMetrics
    self.logger = logger
  }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while (try? await Task.sleep(for: .seconds(60))) != nil { metrics.logRefusals(logger: logger) }
    }
  }
}
