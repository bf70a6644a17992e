import Foundation
import Logging
import ServiceLifecycle
import Synchronization

/// Services that run side by side and are all told to stop at the same moment.
///
/// A service group stops them one after the other, so that the times they take to end would add up.
struct SideBySide: Service {
  let services: [any Service]

  func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for service in services { group.addTask { try await service.run() } }
      // The first one that fails ends the others.
      for try await _ in group {}
    }
  }
}

/// Ends the process if it has not ended some time after it was told to stop.
struct StopDeadline: Service {
  let seconds: Int
  let logger: Logger

  func run() async throws {
    await withGracefulShutdownHandler {
      try? await gracefulShutdown()
    } onGracefulShutdown: {
      let (seconds, logger) = (seconds, logger)
      Thread.detachNewThread {
        Thread.sleep(forTimeInterval: Double(seconds))
        logger.error("the process did not stop in time and is being terminated", metadata: ["seconds": "\(seconds)"])
        exit(1)
      }
    }
  }
}
