import ArgumentParser
import Foundation
import Logging
import ServiceLifecycle
import UnixSignals

/// `scheduler`: pushes the recurring jobs.
struct SchedulerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scheduler",
    abstract: "Push the recurring jobs when they are due, until told to stop; several may run at once.")

  @OptionGroup var schedules: ScheduleOptions
  @OptionGroup var log: LogOptions
  @OptionGroup var database: DatabaseOption

  func run() async throws {
    try await reportingFailures {
      let settings = try schedules.settings()
      let logger = try log.logger()
      try await database.withSystem { system in
        let role = SchedulerRole(system, settings, logger: logger)
        let times = settings.schedules.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        Console.print("Scheduling: \(times.joined(separator: ", "))")
        try await ServiceGroup(
          services: [role] + [ClockRole(system, logger: logger)].compactMap { $0 },
          gracefulShutdownSignals: [.sigterm, .sigint], logger: logger
        ).run()
      }
    }
  }
}

/// When the recurring jobs are pushed.
struct ScheduleOptions: ParsableArguments {
  @Option(
    help: """
      Another schedule for a recurring job: NAME=15m, NAME=6h or NAME='0 4 * * *' (cron, in UTC; a time zone may \
      follow, such as 'Europe/Berlin', or 'account' for each account's own); repeatable. \
      [environment: SCHEDULES, separated by semicolons]
      """)
  var schedule: [String] = []

  /// The options, which take precedence over the environment.
  func settings() throws -> ScheduleSettings {
    let stated = (ProcessInfo.processInfo.environment["SCHEDULES"] ?? "").split(separator: ";").map(String.init)
    return try ScheduleSettings(stated + schedule)
  }
}
