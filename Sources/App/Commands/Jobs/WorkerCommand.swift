import ArgumentParser
import Foundation
import Jobs
import Logging
import ServiceLifecycle
import UnixSignals
import Values

/// `worker`: runs jobs.
struct WorkerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker", abstract: "Run waiting jobs until told to stop.")

  @OptionGroup var worker: WorkerOptions
  @Flag(help: "Stop once nothing is left to do, including delayed jobs and those of other workers.")
  var untilDone = false
  @OptionGroup var log: LogOptions
  @OptionGroup var database: DatabaseOption

  func run() async throws {
    try await reportingFailures {
      let queues = try worker.places()
      let logger = try log.logger()
      let settings = try worker.settings()
      try await database.withSystem { system in
        await system.database.reportWhetherWritable(to: logger)
        let role = WorkerRole(
          system, queues: queues, settings: settings, endsWhenDone: untilDone, logger: logger)
        Console.print(
          "Working: \(queues.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value) at once" }.joined(separator: ", "))"
        )
        let helpers: [(any Service)?] = [NotificationRole(system), ClockRole(system, logger: logger)]
        let others = helpers.compactMap { $0 }
        try await ServiceGroup(
          configuration: ServiceGroupConfiguration(
            services: [.init(service: role, successTerminationBehavior: .gracefullyShutdownGroup)]
              + others.map { .init(service: $0) },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        ).run()
      }
    }
  }
}

/// Which queues a worker serves, and with how many places each.
struct WorkerOptions: ParsableArguments {
  @Option(help: "The queues to serve, separated by commas, each optionally with its own number of places: NAME=8.")
  var queues = System.queues.map(\.rawValue).joined(separator: ",")
  @Option(help: "How many jobs of a queue run at once, for queues without a number of their own.")
  var concurrency = 8
  @Option(help: "Seconds after which another worker takes the jobs of one that stopped answering, 3 to 3600.")
  var lease = 60
  @Option(help: "Seconds for which running jobs may continue once the worker is told to stop, 0 to 3600.")
  var grace = 20

  /// Throws a ``SettingError``.
  func settings() throws -> WorkerSettings {
    guard (3...3600).contains(lease) else {
      throw SettingError(name: "lease", value: "\(lease)", rule: "must be 3 to 3600")
    }
    guard (0...3600).contains(grace) else {
      throw SettingError(name: "grace", value: "\(grace)", rule: "must be 0 to 3600")
    }
    return WorkerSettings(lease: .seconds(lease), gracePeriod: .seconds(grace))
  }

  /// The number of places of each queue. Throws a ``SettingError``.
  func places() throws -> [QueueName: Int] {
    var places: [QueueName: Int] = [:]
    for part in queues.split(separator: ",") {
      let sides = part.split(separator: "=", maxSplits: 1).map(String.init)
      let name = QueueName(rawValue: sides.first ?? "")
      guard System.queues.contains(name) else {
        let names = System.queues.map(\.rawValue).joined(separator: ", ")
        throw SettingError(name: "queues", value: String(part), rule: "must name queues of \(names)")
      }
      let count = sides.count == 2 ? Int(sides[1]) ?? 0 : concurrency
      guard (1...1000).contains(count) else {
        throw SettingError(
          name: "concurrency", value: sides.count == 2 ? sides[1] : "\(concurrency)", rule: "must be 1 to 1000")
      }
      places[name] = count
    }
    guard !places.isEmpty else { throw SettingError(name: "queues", value: queues, rule: "must name a queue") }
    return places
  }
}
