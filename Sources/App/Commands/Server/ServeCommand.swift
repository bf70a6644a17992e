import ArgumentParser
import Foundation
import Logging
import ServiceLifecycle
import Values

/// `serve`: the HTTP API.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "serve", abstract: "Serve the HTTP API.")

  @Option(help: "The address to listen on. [environment: HOST] (default: 127.0.0.1)")
  var host: String?
  @Option(help: "The port to listen on, 0 for any free one. [environment: PORT] (default: 8080)")
  var port: Int?
  @Option(help: "How many connections may be open at once; by default as many as the limit of open files allows.")
  var maxConnections: Int?
  @Flag(help: "Also run the jobs and the schedules in this process.")
  var allInOne = false
  @OptionGroup var worker: WorkerOptions
  @OptionGroup var schedules: ScheduleOptions
  @OptionGroup var log: LogOptions
  @OptionGroup var database: DatabaseOption

  func validate() throws {
    guard maxConnections.map({ (1...1_000_000).contains($0) }) ?? true else {
      throw ValidationError("--max-connections must be 1 to 1000000")
    }
  }

  func run() async throws {
    try await reportingFailures {
      let environment = ProcessInfo.processInfo.environment
      var settings = Server.Settings()
      let host = host ?? environment["HOST"] ?? "127.0.0.1"
      let port = try port.map { try Self.port("\($0)", of: "--port") } ?? Self.port(environment["PORT"], of: "PORT")
      settings.host = host
      settings.port = port
      settings.connectionLimit = maxConnections
      if allInOne { settings.rolesGrace = worker.grace }
      let logger = try log.logger()
      try await database.withSystem { [settings] system in
        await system.database.reportWhetherWritable(to: logger)
        var roles: [any Service] = []
        if allInOne {
          roles.append(WorkerRole(system, queues: try worker.places(), settings: try worker.settings(), logger: logger))
          roles.append(SchedulerRole(system, try schedules.settings(), logger: logger))
        }
        if let clock = ClockRole(system, logger: logger) { roles.append(clock) }
        if let notifications = NotificationRole(system) { roles.append(notifications) }
        try await Server(system, settings, roles: roles, logger: logger).run { port in
          Console.print("Serving http://\(host):\(port) (its description is at /openapi.json)")
          Self.warn(ofOpen: host)
        }
      }
    }
  }

  /// Warns where an address can be reached from other machines.
  static func warn(ofOpen host: String) {
    guard !["127.0.0.1", "localhost", "::1"].contains(host) else { return }
    Console.error("This address is open to the network, and keys travel in plain text: put TLS in front of it.")
  }

  static func port(_ text: String?, of name: String) throws -> Int {
    guard let text else { return 8080 }
    guard let port = Int(text), (0...65_535).contains(port) else {
      throw SettingError(name: name, value: text, rule: "must be 0 to 65535")
    }
    return port
  }
}
