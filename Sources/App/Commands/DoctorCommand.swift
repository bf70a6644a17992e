import ArgumentParser
import Database
import Features
import Foundation
import Values

/// `doctor`: what works, what does not, and what to do about it.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Check what is installed, reachable and configured.")

  @OptionGroup var database: DatabaseOption

  func run() async throws {
    var checks = [Check(name: "program", isFine: true, finding: "geminivideo \(Release.version)")]
    checks.append(Self.timeZones)
    checks += await databaseChecks()
    checks.append(Self.apiAddress)
    checks.append(Self.hubSpot)
    checks.append(Self.meta)
    for check in checks { Console.print(check.line) }
    guard checks.allSatisfy(\.isFine) else { throw ExitCode(1) }
  }

  private struct Check {
    let name: String
    let isFine: Bool
    let finding: String

    var line: String { "\(isFine ? "ok     " : "PROBLEM")  \(name): \(finding)" }
  }

  private static var timeZones: Check {
    let known = AccountCalendar(timezone: "America/New_York") != nil
    return Check(
      name: "time zones", isFine: known,
      finding: known ? "known" : "unknown to this machine: install the package tzdata")
  }

  private static var meta: Check {
    Check(name: "Meta", isFine: true, finding: "read from files only: this release does not call it")
  }

  /// What is set of HubSpot, and what follows where something is not. No secret is shown.
  private static var hubSpot: Check {
    do {
      let settings = try HubSpotEnvironment.settings(ProcessInfo.processInfo.environment)
      let hasSecret = !settings.secrets.isEmpty || !settings.accountSecrets.isEmpty
      let webhook =
        settings.webhookURL != nil && hasSecret
        ? "webhooks are taken" : "no webhooks: HUBSPOT_WEBHOOK_URL and HUBSPOT_CLIENT_SECRET are not both set"
      let hasToken = settings.token != nil || !settings.accountTokens.isEmpty
      let reading =
        hasToken
        ? "deals are read from \(settings.apiURL)"
        : "deals are made of events alone: HUBSPOT_ACCESS_TOKEN is not set"
      return Check(name: "HubSpot", isFine: true, finding: "\(webhook); \(reading)")
    } catch {
      return Check(name: "HubSpot", isFine: false, finding: "\(error)")
    }
  }

  private static var apiAddress: Check {
    let environment = ProcessInfo.processInfo.environment
    let host = environment["HOST"] ?? "127.0.0.1 (HOST is not set)"
    let port = environment["PORT"] ?? "8080 (PORT is not set)"
    return Check(name: "serve", isFine: true, finding: "would listen on \(host), port \(port)")
  }

  /// Whether the database keeps accounts apart too, where it can.
  private static func rowSecurity(of database: any Database) async throws -> [Check] {
    guard database.dialect == .postgresql else { return [] }
    let passes = try await database.read { transaction -> Bool in
      try transaction.first("SELECT rolsuper OR rolbypassrls AS passes FROM pg_roles WHERE rolname = current_user")?
        .get("passes") ?? false
    }
    return [
      Check(
        name: "accounts apart", isFine: true,
        finding: passes
          ? "by the program alone: its role passes over row-level security; give it a role that is no superuser"
          : "by the program and by row-level security")
    ]
  }

  private func databaseChecks() async -> [Check] {
    do {
      let url = try database.url
      return try await database.withSystem { system in
        let dialect = system.database.dialect
        let version = try await system.database.read { transaction -> String in
          try transaction.first(transaction.dialect.versionQuery)?.get("version") ?? "unknown"
        }
        let accounts = try await system.accounts.all()
        return try await Self.rowSecurity(of: system.database) + [
          Check(
            name: "database", isFine: true, finding: "\(url), \(dialect.productName) \(version), schema up to date"),
          Check(
            name: "accounts", isFine: !accounts.isEmpty,
            finding: accounts.isEmpty
              ? "none yet: geminivideo demo, or geminivideo accounts create --account NAME"
              : accounts.map(\.id.value).joined(separator: ", ")),
        ]
      }
    } catch {
      return [Check(name: "database", isFine: false, finding: "\(error)")]
    }
  }
}
