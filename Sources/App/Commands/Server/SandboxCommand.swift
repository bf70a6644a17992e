import ArgumentParser
import DecisionEngine
import Formats
import RemoteAPIs
import Sandbox
import Simulator
import Values

/// `sandbox`: a simulated Meta and HubSpot for trying everything out.
struct SandboxCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sandbox", abstract: "Serve a simulated ad account and CRM that speak Meta's and HubSpot's protocols.",
    discussion: """
      Prints one line of JSON that says where it serves and what callers must
      show, and serves until it is told to stop. META_GRAPH_URL and
      HUBSPOT_API_URL point the product at it. Its clock is advanced by
      POST /_sandbox/advance {"days": 1}; GET /_sandbox/state shows its true state.
      """)

  @Option(help: "The address to listen on.")
  var host = "127.0.0.1"
  @Option(help: "The port to listen on, 0 for any free one.")
  var port = 0
  @Option(help: "The seed of the world and its faults, 0 to 2^53 - 1.")
  var seed: UInt64 = 1
  @Option(help: "The market: \(WorldName.allCases.map(\.rawValue).joined(separator: ", ")).")
  var world = WorldName.base
  @Option(help: "How many ads run at first, 1 or more.")
  var ads = 12
  @Option(help: "How many ad sets there are, 1 to 1000.")
  var adSets = 6
  @Option(help: "How many campaigns there are, 1 to 100; the first one holds the budget of its ad sets.")
  var campaigns = 3
  @Option(help: "The ad account's currency.")
  var currency = Currency.usd
  @Option(help: "The ad account's time zone, by its IANA name.")
  var timeZone = "UTC"
  @Option(help: "The day at whose start the clock begins. (default: the clock begins now)")
  var start: CalendarDay?
  @Option(help: "How many days of history there are before that, 0 to 365.")
  var historyDays = 28
  @Option(
    help: "Days that pass in a minute, 0 to 1440; 0 where time passes only by requests. (default: real time)")
  var daysPerMinute: Double?
  @Option(
    help: """
      The faults to simulate: a list of latency, 429, 500, null, restate, lost_webhook and hand_edit, each with =RATE \
      of 0 to 1 or with its default rate.
      """)
  var faults: String?
  @Option(help: "The URL for HubSpot's webhooks: the product's /webhooks/hubspot.")
  var webhookURL: String?
  @Flag(help: "Sign webhooks by the sandbox's clock instead of this machine's.")
  var signByWorldClock = false
  @Option(
    help:
      "The access tier of Meta's API: \(GraphTier.allCases.map(\.rawValue).joined(separator: " or "))."
  )
  var tier = GraphTier.full

  func validate() throws {
    try SeedRule.check(seed)
    guard (0...65_535).contains(port) else { throw ValidationError("--port is \(port): it must be 0 to 65535") }
    if let daysPerMinute, !(0...1_440).contains(daysPerMinute) {
      throw ValidationError("--days-per-minute is \(daysPerMinute): it must be 0 to 1440")
    }
    if let faults, FaultRates(faults) == nil {
      let names = SandboxFault.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError(
        "--faults is \(faults): it must be a list of \(names), each with =RATE of 0 to 1 or without")
    }
    guard let calendar = WorldCalendar(timeZone: timeZone) else {
      throw ValidationError("--time-zone is \(timeZone): this machine has no data for it")
    }
    if let rule = worldSettings(in: calendar).brokenRule { throw ValidationError(rule) }
  }

  func run() async throws {
    try await reportingFailures {
      guard let calendar = WorldCalendar(timeZone: timeZone) else { throw SandboxError.unknownTimeZone(timeZone) }
      let settings = settings(in: calendar)
      let transport = AsyncHTTPTransport()
      do {
        let sandbox = try Sandbox(settings, transport: transport, wallClock: { SystemClock.now })
        let server = SandboxServer(host: host, port: port) { await sandbox.reply(to: $0) }
        try await server.run(beside: [SandboxTime(sandbox)]) { port in
          Console.print(SandboxAddress(host: host, port: port, credentials: settings.credentials).json)
        }
      } catch {
        await transport.shutDown()
        throw error
      }
      await transport.shutDown()
    }
  }

  private func worldSettings(in calendar: WorldCalendar) -> WorldSettings {
    var settings = WorldSettings(world, start: start.map(calendar.start) ?? SystemClock.now)
    settings.seed = seed
    settings.market.initialAds = ads
    settings.adSets = adSets
    settings.campaigns = campaigns
    settings.currency = currency
    settings.timeZone = timeZone
    settings.historyDays = historyDays
    return settings
  }

  private func settings(in calendar: WorldCalendar) -> SandboxSettings {
    var settings = SandboxSettings(worldSettings(in: calendar))
    settings.faults = faults.flatMap { FaultRates($0) } ?? FaultRates()
    settings.daysPerMinute = daysPerMinute ?? 1.0 / 1_440
    settings.webhookURL = webhookURL
    if !signByWorldClock { settings.signatureClock = { SystemClock.now } }
    settings.tier = tier
    return settings
  }
}

/// The address of a sandbox, and the credentials for its callers.
struct SandboxAddress {
  let host: String
  let port: Int
  let credentials: SandboxCredentials

  /// One line of JSON.
  var json: String {
    let url = host.contains(":") ? "http://[\(host)]:\(port)" : "http://\(host):\(port)"
    var json = JSONWriter()
    json.object { json in
      json.member("graph_url", url)
      json.member("hubspot_url", url)
      json.member("access_token", credentials.accessToken.text)
      json.member("app_id", credentials.appID)
      json.member("app_secret", credentials.appSecret.text)
      json.member("ad_account", credentials.adAccount)
      json.member("portal_id", credentials.portalID)
      json.member("hubspot_token", credentials.hubSpotToken.text)
      json.member("client_secret", credentials.clientSecret.text)
    }
    return json.string
  }
}

extension WorldName: ExpressibleByArgument {}

extension GraphTier: ExpressibleByArgument {}
