import Accounts
import ArgumentParser
import DecisionEngine
import Foundation
import Logging
import RemoteAPIs
import Sandbox
import Simulator
import Values
import Web

/// `trial`: runs the product on a simulated world, at any speed.
struct TrialCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trial", abstract: "Run the product on a simulated ad account and CRM.",
    discussion: """
      Serves a sandbox (see `sandbox`), connects a new account with it, and lets days \
      pass: figures and webhooks arrive, decisions are made, and changes of \
      budgets are applied, all over the vendors' own protocols. Each day is a line: \
      what was spent, what it returned, and what the same world would have earned \
      had nobody changed anything. The API is served meanwhile, and afterwards.
      """)

  @Option(help: "The account to create.")
  var account = "trial"
  @Option(help: "How many days pass, 1 to 1000.")
  var days = 60
  @Option(help: "How many days pass in a minute at most, over 0 to 1440.")
  var daysPerMinute = 30.0
  @Option(help: "The seed of the world and its faults, 0 to 2^53 - 1.")
  var seed: UInt64 = 1
  @Option(help: "The market: \(WorldName.allCases.map(\.rawValue).joined(separator: ", ")).")
  var world = WorldName.base
  @Option(help: "The faults to simulate, as for `sandbox`: a list of latency, 429, 500, null, restate and others.")
  var faults: FaultRates?
  @Flag(help: "Stop after the last day.")
  var untilDone = false
  @Option(help: "The address to serve the API at.")
  var host = "127.0.0.1"
  @Option(help: "The port to serve the API at, 1 to 65535. [environment: PORT] (default: 8080)")
  var port: Int?
  @OptionGroup var log: LogOptions
  @OptionGroup var database: DatabaseOption

  func validate() throws {
    try SeedRule.check(seed)
    guard (1...1_000).contains(days) else { throw ValidationError("--days is \(days): it must be 1 to 1000") }
    guard daysPerMinute > 0, daysPerMinute <= 1_440 else {
      throw ValidationError("--days-per-minute is \(daysPerMinute): it must be over 0 to 1440")
    }
    if let port, !(1...65_535).contains(port) {
      throw ValidationError("--port is \(port): it must be 1 to 65535")
    }
  }

  func run() async throws {
    try await reportingFailures {
      let settings = try settings
      let logger = try log.logger()
      let transport = AsyncHTTPTransport()
      do {
        let sandbox = try Sandbox(settings.sandbox, transport: transport, wallClock: { SystemClock.now })
        try await SandboxServer { await sandbox.reply(to: $0) }.serve { url in
          try await database.withDatabase(creates: true) { database in
            let trial = try await Trial(settings, sandbox: sandbox, at: url, on: database, logger: logger)
            try await run(trial, at: url, logger)
          }
        }
      } catch {
        await transport.shutDown()
        throw error
      }
      await transport.shutDown()
    }
  }

  private var settings: TrialSettings {
    get throws {
      guard let account = AccountID(account) else {
        throw SettingError(name: "--account", value: account, rule: "must be \(AccountID.rule)")
      }
      // The last day is yesterday.
      var world = WorldSettings(self.world, start: Instant(startOf: SystemClock.now.utcDay.adding(days: -days)))
      world.seed = seed
      var settings = TrialSettings(account, world)
      settings.days = days
      settings.daysPerMinute = daysPerMinute
      settings.host = host
      settings.port = try port ?? ServeCommand.port(ProcessInfo.processInfo.environment["PORT"], of: "PORT")
      settings.sandbox.faults = faults ?? FaultRates()
      settings.sandbox.webhookURL = settings.webhookURL
      return settings
    }
  }

  private func run(_ trial: Trial, at sandboxURL: String, _ logger: Logger) async throws {
    var server = Server.Settings()
    let host = trial.settings.host
    server.host = host
    server.port = trial.settings.port
    Console.print(
      "The sandbox serves \(sandboxURL); reading the \(trial.settings.sandbox.world.historyDays) days before the first")
    try await trial.setUp()
    Console.print(try await welcome(trial))
    let role = TrialRole(trial: trial, endsWhenDone: untilDone) { day in Console.print(TrialTable.line(day)) }
    Console.print(TrialTable.header)
    try await Server(trial.system, server, roles: [role], logger: logger).run { _ in
      ServeCommand.warn(ofOpen: host)
    }
  }

  private func welcome(_ trial: Trial) async throws -> String {
    let settings = trial.settings
    let draft = APIKeyDraft(role: .admin, name: "trial", expiresAt: SystemClock.now.adding(seconds: 86_400))
    let key = try await trial.system.keys.create(draft, for: settings.account, by: .commandLine).token
    let url = "http://\(settings.host):\(settings.port)"
    return """
      API  \(url) (its description is at \(url)/openapi.json)
      Key  \(key) (account \(settings.account), role admin, for a day)
      Ask  curl -s -H 'Authorization: Bearer \(key)' '\(url)/api/ad-changes?limit=3'

      \(TrialTable.legend)

      """
  }
}

extension FaultRates: ExpressibleByArgument {
  /// Reads a list such as `latency,429=0.1` from the command line.
  public init?(argument: String) {
    self.init(argument)
  }
}
