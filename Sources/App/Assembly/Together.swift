import Foundation
import Logging
import ServiceLifecycle
import Synchronization

/// Services that run side by side, all of which are told to stop at the same moment.
///
/// A group of services stops them one after the other, so that what each may take to end adds up.
struct Together: Service {
  let services: [any Service]

  func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for service in services { group.addTask { try await service.run() } }
      // The first that fails ends the others.
      for try await _ in group {}
    }
  }
}

/// Ends the process when it has not ended by itself some time after it was told to.
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
        logger.error("the process did not end in time and is ended", metadata: ["seconds": "\(seconds)"])
        exit(1)
      }
    }
  }
}
