import Logging
import ServiceLifecycle
import Storage

/// Asks the database server for the time once a minute, until the process is told to stop.
struct ClockRole: Service {
  private let clock: DatabaseClock
  private let logger: Logger

  private static let pause = Duration.seconds(60)

  /// Nil where the system's clock is not the database server's.
  init?(_ system: System, logger: Logger) {
    guard let clock = system.databaseClock else { return nil }
    self.clock = clock
    self.logger = logger
  }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while (try? await Task.sleep(for: Self.pause)) != nil {
        do {
          try await clock.synchronize()
        } catch {
          logger.warning("the database's clock cannot be read", metadata: ["error": "\(error)"])
        }
      }
    }
  }
}
