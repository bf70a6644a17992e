// One role of the product by the clock of a made-up world, until it is told to stop or killed.
import App
import Foundation
import Jobs
import Logging
import ServiceLifecycle
import TestKit
import UnixSignals
import Values

let environment = ProcessInfo.processInfo.environment
guard CommandLine.arguments.count == 2, let url = environment["DATABASE_URL"], let file = environment["WORLD_CLOCK"],
  let port = environment["PORT"].flatMap(Int.init)
else {
  FileHandle.standardError.write(
    Data("usage: DATABASE_URL=… WORLD_CLOCK=FILE PORT=… world-role serve|worker|scheduler\n".utf8))
  exit(64)
}
let clock = try SharedClock(reading: file)
// Whoever waits here waits for a real system, and this one need not be waited for long.
let sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: min($0, .milliseconds(100))) }
var logger = Logger(label: "world-role", factory: { StreamLogHandler.standardError(label: $0) })
logger.logLevel = .error
let system = try await System(
  database: DatabaseURL(url).open(isMade: false), clock: { clock.now },
  hubSpot: HubSpotEnvironment.settings(environment), meta: MetaEnvironment.settings(environment), sleep: sleep)

switch CommandLine.arguments[1] {
case "serve":
  var settings = Server.Settings()
  settings.port = port
  try await Server(system, settings, logger: logger).run { _ in announce("ready") }
case "worker":
  let queues = Dictionary(uniqueKeysWithValues: System.queues.map { ($0, 2) })
  let role = WorkerRole(
    system, queues: queues, settings: WorkerSettings(lease: .seconds(2), pollInterval: .milliseconds(100)),
    logger: logger)
  announce("ready")
  try await ServiceGroup(services: [role], gracefulShutdownSignals: [.sigterm], logger: logger).run()
case "scheduler":
  let role = try SchedulerRole(system, ScheduleSettings([]), logger: logger, sleep: sleep)
  announce("ready")
  try await ServiceGroup(services: [role], gracefulShutdownSignals: [.sigterm], logger: logger).run()
default: exit(64)
}

@Sendable func announce(_ text: String) {
  FileHandle.standardOutput.write(Data((text + "\n").utf8))
}
