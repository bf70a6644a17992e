import ArgumentParser
import Foundation
import Logging
import ServiceLifecycle

/// `serve`: the HTTP API.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "serve", abstract: "Serve the HTTP API.")

  @Option(help: "The address to listen on. [environment: HOST] (default: 127.0.0.1)")
  var host: String?
  @Option(help: "The port to listen on, 0 for any free one. [environment: PORT] (default: 8080)")
  var port: Int?
  @Flag(help: "Also do the jobs and keep the schedules, in this one process.")
  var allInOne = false
  @OptionGroup var worker: WorkerOptions
  @OptionGroup var schedules: ScheduleOptions
  @OptionGroup var database: DatabaseOption

  func run() async throws {
    try await reportingFailures {
      let environment = ProcessInfo.processInfo.environment
      let host = host ?? environment["HOST"] ?? "127.0.0.1"
      let port = try port ?? Self.port(environment["PORT"])
      let logger = Logger.standard
      try await database.withSystem { system in
        await system.database.reportWhetherWritable(to: logger)
        var roles: [any Service] = []
        if allInOne {
          roles.append(WorkerRole(system, queues: try worker.places(), settings: try worker.settings(), logger: logger))
          roles.append(SchedulerRole(system, try schedules.settings(), logger: logger))
        }
        if let clock = ClockRole(system, logger: logger) { roles.append(clock) }
        if let notices = Notices(system) { roles.append(notices) }
        try await Server(system, host: host, port: port, roles: roles, logger: logger).run { port in
          Console.print("Serving http://\(host):\(port) (its description is at /openapi.json)")
          if !["127.0.0.1", "localhost", "::1"].contains(host) {
            Console.error("This address is open to the network, and keys travel in plain text: put TLS in front of it.")
          }
        }
      }
    }
  }

  private static func port(_ text: String?) throws -> Int {
    guard let text else { return 8080 }
    guard let port = Int(text), (0...65_535).contains(port) else {
      throw SettingError(name: "PORT", value: text, rule: "must be 0 to 65535")
    }
    return port
  }
}
