import App
import AppTestKit
import DecisionEngine
import Foundation
import Jobs
import Logging
import Platforms
import RemoteAPIs
import Sandbox
import Simulator
import Storage
import TestKit
import Testing
import Values

/// Days of a made-up world, whose Meta and HubSpot fail and in which people edit, passing for a deployment whose processes
/// are killed.
struct WorldRun: Sendable {
  let trial: Trial
  /// What the world had come to when the days began.
  let start: (world: SandboxFigures, untouched: SandboxFigures)
  private let fleet: WorldFleet
  private let clock: SharedClock
  private let seed: UInt64

  /// How much time passes before jobs are waited for, in seconds.
  private static let step: Int64 = 6 * 3_600
  /// How often a process is killed, as a share of the steps.
  private static let killRate = 0.12

  /// Sets up an account of a world with `faults`, and hands over what is left of it after so many days.
  static func pass(
    days: Int, seed: UInt64, faults: String, _ check: @Sendable (WorldRun) async throws -> Void
  ) async throws {
    let program = try await Program()
    let transport = AsyncHTTPTransport()
    let clock = try SharedClock(making: program.path("clock"))
    let settings = try await settings(days: days, seed: seed, faults: faults, clock)
    let sandbox = try Sandbox(settings.sandbox, transport: transport, wallClock: { SystemClock.now })
    try await SandboxServer { await sandbox.reply(to: $0) }.serve { url in
      let database = try program.openDatabase()
      let trial = try await Trial(
        settings, sandbox: sandbox, at: url, on: database,
        logger: Logger(label: "world") { _ in SwiftLogNoOpLogHandler() })
      try await trial.setUp()
      clock.show(sandbox.now)
      let fleet = try await WorldFleet(of: program, environment: environment(settings, url, program))
      let run = WorldRun(trial: trial, start: sandbox.figures, fleet: fleet, clock: clock, seed: seed)
      try await run.passDays()
      try await check(run)
      await database.shutDown()
    }
    await transport.shutDown()
  }

  private static func settings(
    days: Int, seed: UInt64, faults: String, _ clock: SharedClock
  ) async throws -> TrialSettings {
    var world = WorldSettings(.base, start: Instant(startOf: SystemClock.now.utcDay.adding(days: -days - 2)))
    world.seed = seed
    var settings = TrialSettings(try #require(AccountID("acme")), world)
    settings.days = days
    settings.port = try await FreePort.find()
    settings.sandbox.webhookURL = "http://127.0.0.1:\(settings.port)/webhooks/hubspot"
    // A process that goes by an earlier time than the world takes what it read before a move for fresh.
    settings.sandbox.clockMoved = { clock.show($0) }
    settings.sandbox.faults = try #require(FaultRates(faults))
    settings.sandbox.faults.latencyMilliseconds = 20
    return settings
  }

  private static func environment(
    _ settings: TrialSettings, _ url: String, _ program: Program
  ) -> [String: String] {
    let credentials = settings.sandbox.credentials
    return [
      "DATABASE_URL": program.databaseURL, "WORLD_CLOCK": program.path("clock"), "PORT": "\(settings.port)",
      "META_GRAPH_URL": url, "META_ACCESS_TOKEN": credentials.accessToken.text,
      "META_APP_SECRET": credentials.appSecret.text, "HUBSPOT_API_URL": url,
      "HUBSPOT_ACCESS_TOKEN": credentials.hubSpotToken.text,
      "HUBSPOT_CLIENT_SECRET": credentials.clientSecret.text,
      "HUBSPOT_WEBHOOK_URL": "http://127.0.0.1:\(settings.port)/webhooks/hubspot",
    ]
  }

  /// Lets the days pass; then two more in which nothing goes wrong, so that what was missed is made up for.
  private func passDays() async throws {
    var random = RandomStream(seed: seed, name: "kills")
    for _ in 0..<(Int64(trial.settings.days) * 86_400 / Self.step) {
      let victim =
        random.nextUniform() < Self.killRate ? Int.random(in: 0..<WorldFleet.roles.count, using: &random) : nil
      let delay = Int.random(in: 0..<20, using: &random)
      try await pass(killing: victim, after: delay)
    }
    trial.sandbox.set(FaultRates())
    for _ in 0..<(2 * 86_400 / Self.step) { try await pass(killing: nil, after: 0) }
    try await fleet.finish()
  }

  /// Lets a step pass, and waits until its jobs are done. A process may be killed when they were looked at so many times.
  private func pass(killing victim: Int?, after looks: Int) async throws {
    await trial.sandbox.advance(seconds: Self.step)
    var looked = 0
    let end = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < end {
      if let victim, looked == looks { try await fleet.kill(victim) }
      looked += 1
      // A job that is done may have left another.
      if try await isIdle(), looked > looks, try await isIdle() { return }
      try await Task.sleep(for: .milliseconds(25))
    }
  }

  private func isIdle() async throws -> Bool {
    let now = clock.now
    return try await trial.system.database.read { transaction in
      let waiting: [SQL] = [
        """
        SELECT 1 AS found FROM jobs
        WHERE state IN ('available', 'running') OR state = 'scheduled' AND run_at <= \(now) LIMIT 1
        """,
        "SELECT 1 AS found FROM schedules WHERE enabled = \(true) AND next_at <= \(now) LIMIT 1",
      ]
      return try waiting.allSatisfy { try transaction.first($0) == nil }
    }
  }
}

extension SharedClock {
  /// Shows `moment` now.
  fileprivate func show(_ moment: Instant) { set(ahead: moment.microseconds - SystemClock.now.microseconds) }
}
