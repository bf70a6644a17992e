import Accounts
import AppTestKit
import Foundation
import Measurement
import Platforms
import RemoteAPIs
import Storage
import TestKit
import Testing
import Values

@testable import App

/// What the doctor finds. A wall that is down is a problem, and then its exit status is not 0.
struct DoctorTests {
  /// The problems of a database, by the names of the checks.
  private func problems(_ test: TestSystem, at url: String) async throws -> [String: String] {
    let checks = await DatabaseDoctor(url: try DatabaseURL(url), system: test.system).checks()
    return checks.filter { !$0.isFine }.reduce(into: [:]) { $0[$1.name] = $1.finding }
  }

  @Test("A database that cannot be written to is a problem")
  func readOnly() async throws {
    let test = try await TestSystem()
    let readOnly = AccountScope.account(test.account) { _ in
      throw DatabaseError.failed("attempt to write a readonly database")
    }
    let found = try await AccountScope.$current.withValue(readOnly) { try await problems(test, at: test.url) }
    #expect(found["writing"]?.contains("readonly") == true)
    #expect(try await problems(test, at: test.url)["writing"] == nil)
  }

  @Test("How fresh figures are is told, and those that are too old to decide on are a problem")
  func figures() async throws {
    let test = try await TestSystem()
    let header = "ad_id,date,impressions,clicks,spend\n"
    try await test.importText(header + "1,2020-01-01,100,5,9\n", as: .adsCSV)
    #expect(try await problems(test, at: test.url)["figures"]?.contains("acme up to 2020-01-01") == true)
    try await test.importText(header + "1,2026-05-27,100,5,9\n", as: .adsCSV)
    #expect(try await problems(test, at: test.url)["figures"] == nil)
  }

  @Test("An audit log that was changed is a problem, and says whose")
  func auditLog() async throws {
    let test = try await TestSystem()
    #expect(try await problems(test, at: test.url)["audit log"] == nil)
    try await test.system.database.write { _ = try $0.execute("UPDATE audit_heads SET lines = 7") }
    #expect(try await problems(test, at: test.url)["audit log"]?.contains("acme") == true)
  }

  @Test(
    "A role that passes over row-level security is a problem",
    .enabled(if: TestDatabase.isPostgres, "GEMINIVIDEO_TEST_DATABASE_URL names no server"))
  func passingRole() async throws {
    let test = try await TestSystem()
    #expect(try await problems(test, at: test.url)["accounts apart"] == nil)
    let passing = try await test.restricted(passingRowSecurity: true) { role in
      ["GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO \(role)"]
    }
    let checks = await DatabaseDoctor(url: try DatabaseURL(test.url), system: passing).checks()
    #expect(checks.first { $0.name == "accounts apart" }?.isFine == false)
  }

  @Test(
    "A damaged file, and a file that others may read, are problems",
    .enabled(if: !TestDatabase.isPostgres, "it is SQLite's own"))
  func file() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path("data.sqlite")
    try await fill(path)
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
    let open = try DatabaseDoctor.rights(ofFile: path)
    #expect(!open.isFine)
    #expect(open.finding.contains("mode 644"))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    #expect(try DatabaseDoctor.rights(ofFile: path).isFine)
    #expect(await checks(ofFile: path).allSatisfy(\.isFine))

    var bytes = try Data(contentsOf: URL(filePath: path))
    try #require(bytes.count > 400_000)
    for index in (bytes.count / 2)..<(bytes.count / 2 + 100_000) { bytes[index] = 0xA5 }
    try bytes.write(to: URL(filePath: path))
    let found = await checks(ofFile: path).filter { !$0.isFine }
    #expect(found.contains { $0.name == "database" || $0.name == "database file" }, "\(found)")
  }

  /// Makes a file with many accounts; it is closed at the end.
  private func fill(_ path: String) async throws {
    let system = try await System(database: DatabaseURL("sqlite:\(path)").open())
    for number in 0..<200 { try await system.accounts.create(#require(AccountID("account\(number)"))) }
  }

  private func checks(ofFile path: String) async -> [DoctorCheck] {
    do {
      let url = try DatabaseURL("sqlite:\(path)")
      return await DatabaseDoctor(url: url, system: try await System(database: url.open())).checks()
    } catch {
      return [.problem("database", "\(error)")]
    }
  }

  @Test("A connection to another machine is judged by its encryption")
  func connection() {
    let judge = { (isEncrypted: Bool, address: String?, mode: String?) in
      DatabaseDoctor.connection(isEncrypted: isEncrypted, address: address, sslMode: mode).isFine
    }
    #expect(judge(false, nil, nil))
    #expect(judge(false, "127.0.0.1", nil))
    #expect(judge(false, "::1", nil))
    #expect(!judge(false, "10.0.0.5", nil))
    #expect(!judge(false, "10.0.0.5", "prefer"))
    #expect(!judge(true, "10.0.0.5", nil))
    #expect(!judge(true, "10.0.0.5", "prefer"))
    #expect(judge(true, "10.0.0.5", "require"))
    #expect(judge(true, "10.0.0.5", "verify-full"))
  }

  @Test("Clocks that differ by more than a few seconds are a problem, the time of the question left out")
  func clock() {
    let at = { (seconds: Int64) in Instant(seconds: seconds) }
    #expect(DatabaseDoctor.clock(server: at(100), before: at(98), after: at(103)).isFine)
    #expect(DatabaseDoctor.clock(server: at(100), before: at(105), after: at(106)).isFine)
    let ahead = DatabaseDoctor.clock(server: at(100), before: at(170), after: at(171))
    #expect(!ahead.isFine)
    #expect(ahead.finding.contains("70 s ahead"))
    #expect(DatabaseDoctor.clock(server: at(100), before: at(30), after: at(40)).finding.contains("60 s behind"))
  }

  private static let secret = "3f1d6d3a-0000-4000-8000-9b7c5a2e1d00"

  @Test(
    "What is wrong with HubSpot's settings is named, and shows no secret",
    arguments: [
      (["HUBSPOT_WEBHOOK_URL": "hooks.example.com/x"], "HUBSPOT_WEBHOOK_URL"),
      (["HUBSPOT_WEBHOOK_URL": "https://hooks.example.com/x?y=1"], "HUBSPOT_WEBHOOK_URL"),
      (["HUBSPOT_WEBHOOK_URL": "http://hooks.example.com/webhooks/hubspot"], "HUBSPOT_WEBHOOK_URL"),
      (["HUBSPOT_API_URL": "http://api.example.com"], "HUBSPOT_API_URL"),
      (["HUBSPOT_CLIENT_SECRET": "3f1d6d3a 0000"], "HUBSPOT_CLIENT_SECRET"),
      (["HUBSPOT_CLIENT_SECRET": "'\(secret)'"], "HUBSPOT_CLIENT_SECRET"),
      (["HUBSPOT_CLIENT_SECRETS": #"{"acme": "a\nb"}"#], "HUBSPOT_CLIENT_SECRETS"),
      (["HUBSPOT_ACCESS_TOKEN": "pat-eu1-\u{201C}x"], "HUBSPOT_ACCESS_TOKEN"),
      (["HUBSPOT_ACCESS_TOKENS": #"{"acme": "pat x"}"#], "HUBSPOT_ACCESS_TOKENS"),
    ])
  func hubSpot(_ changes: [String: String], _ variable: String) {
    let environment = ["HUBSPOT_CLIENT_SECRET": Self.secret].merging(changes) { $1 }
    let check = HubSpotDoctor(environment: environment).check()
    #expect(!check.isFine)
    #expect(check.finding.contains(variable))
    #expect(!check.finding.contains("3f1d6d3a"))
  }

  @Test("Settings of HubSpot that can be used are fine, two secrets with a blank after the comma among them")
  func goodHubSpot() throws {
    #expect(HubSpotDoctor(environment: [:]).check().isFine)
    let environment = [
      "HUBSPOT_WEBHOOK_URL": "https://hooks.example.com/webhooks/hubspot",
      "HUBSPOT_CLIENT_SECRET": "old-secret, \(Self.secret)", "HUBSPOT_ACCESS_TOKEN": "pat-eu1-x",
      "HUBSPOT_API_URL": "http://127.0.0.1:9000",
    ]
    let check = HubSpotDoctor(environment: environment).check()
    #expect(check.isFine, "\(check.finding)")
    #expect(check.finding.contains("one of 2 secrets"))
    #expect(try HubSpotEnvironment.settings(environment).secrets.map(\.text) == ["old-secret", Self.secret])
  }
}
