import Accounts
import ArgumentParser
import Foundation
import Platforms
import Values

/// `doctor`: what works, what does not, and what to do about it.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Check what is installed, reachable and configured.",
    discussion: "The exit status is 1 if anything has to be done.")

  @OptionGroup var database: DatabaseOption

  func run() async throws {
    var checks = [DoctorCheck.fine("program", "geminivideo \(Release.version)"), Self.timeZones]
    checks += await databaseChecks()
    let environment = ProcessInfo.processInfo.environment
    checks += [Self.apiAddress(environment), HubSpotDoctor(environment: environment).check()]
    checks.append(MetaDoctor(environment: environment).check())
    for check in checks { Console.print(check.line) }
    guard checks.allSatisfy(\.isFine) else { throw ExitCode(1) }
  }

  private static var timeZones: DoctorCheck {
    AccountCalendar(timezone: "America/New_York") != nil
      ? .fine("time zones", "known") : .problem("time zones", "unknown to this machine: install the package tzdata")
  }

  private static func apiAddress(_ environment: [String: String]) -> DoctorCheck {
    let host = environment["HOST"] ?? "127.0.0.1 (HOST is not set)"
    guard let port = environment["PORT"] else {
      return .fine("serve", "would listen on \(host), port 8080 (PORT is not set)")
    }
    guard let number = Int(port), (0...65_535).contains(number) else {
      return .problem("serve", "PORT is '\(port)': it must be 0 to 65535")
    }
    return .fine("serve", "would listen on \(host), port \(number)")
  }

  /// HubSpot's settings play no part here, because they are checked separately, and neither do invalid settings of
  /// Meta.
  private func databaseChecks() async -> [DoctorCheck] {
    do {
      let url = try database.url
      return try await database.withDatabase { opened in
        let meta = try? MetaEnvironment.settings(ProcessInfo.processInfo.environment)
        let system = try await System(database: opened, meta: meta ?? MetaSettings())
        return await DatabaseDoctor(url: url, system: system).checks() + MetaDoctor.connections(in: system)
      }
    } catch {
      return [.problem("database", "\(error)")]
    }
  }
}
