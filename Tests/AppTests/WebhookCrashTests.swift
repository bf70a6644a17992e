import App
import AppTestKit
import DecisionEngine
import FakeHubSpot
import Foundation
import HTTPTypes
import HummingbirdTesting
import Measurement
import NIOCore
import Platforms
import RemoteAPIs
import Sandbox
import Storage
import Synchronization
import TestKit
import Testing
import Values

/// HubSpot's events against processes that are killed and a HubSpot that fails: nothing is lost, nothing counts twice.
struct WebhookCrashTests {
  /// The run's seed; `GEMINIVIDEO_SEED` tries another.
  private static let seed = ProcessInfo.processInfo.environment["GEMINIVIDEO_SEED"].flatMap(UInt64.init) ?? 20_261_125
  private static let deals = 500
  private static let events = 10_000
  private static let kills = 20
  private static let databaseKills = 5
  private static let senders = 4

  @Test("Shuffled, repeated events through kills and HubSpot's failures come to what they come to once and in order")
  func chaos() async throws {
    guard TestDatabase.isPostgres else {
      return try await Self.chaos(CrashFleet.Size(servers: 1, workers: 1, schedulers: 0), on: nil)
    }
    try await KillablePostgres.with { server in
      try await Self.chaos(CrashFleet.Size(servers: 3, workers: 3, schedulers: 2), on: server)
    }
  }

  private static func chaos(_ size: CrashFleet.Size, on server: KillablePostgres?) async throws {
    print("Seed of the webhook chaos: \(seed)")
    var random = RandomStream(seed: seed)
    let start = Instant(seconds: SystemClock.now.seconds - 30 * 86_400)
    let events = makeEvents(from: start, using: &random)
    let reference = try await referenceOutcome(events)
    let fake = FakeHubSpot(seed: seed, clock: { SystemClock.now })
    fill(fake, events)
    let disorder = (events + events.filter { _ in Int.random(in: 0..<3, using: &random) == 0 })
      .shuffled(using: &random)
    let batches = batches(disorder, using: &random)
    let killTimes = killTimes(within: batches.count, size, killsDatabase: server != nil, using: &random)
    let program = try await Program(on: server.map { try PostgresTestServer($0.url) })
    try await program.output("accounts", "create", "--account", "acme")
    try program.write(figures, to: "ads.csv")
    try await program.output("import", "ads-csv", "ads.csv", "--account", "acme")
    try await program.output("hubspot", "map", "--portal", "\(HubSpotSending.portal)", "--account", "acme")
    try await fake.serve { address in
      let environment = [
        "HUBSPOT_WEBHOOK_URL": HubSpotSending.url, "HUBSPOT_CLIENT_SECRET": HubSpotSending.secret.text,
        "HUBSPOT_ACCESS_TOKEN": "pat-na1-fake", "HUBSPOT_API_URL": address,
      ]
      let fleet = try await CrashFleet(program, size, database: server, environment: environment)
      try await send(batches, to: fleet, killing: killTimes)
      try await fleet.finish()
    }
    let database = try program.openDatabase()
    #expect(try await outcome(of: database) == reference)
    let counts = try await database.read { transaction in
      try [
        "SELECT COUNT(*) AS n FROM hubspot_events", "SELECT COUNT(*) AS n FROM hubspot_events WHERE state <> 'applied'",
        "SELECT COUNT(*) AS n FROM jobs WHERE state = 'dead' AND COALESCE(failure, '') = ''",
        """
        SELECT COUNT(*) AS n FROM jobs WHERE name = 'process_hubspot_webhook' AND state <> 'completed'
        AND (state <> 'cancelled' OR failure_reason NOT LIKE '%same key%')
        """,
      ].map { try #require(try transaction.first(SQL(stringLiteral: $0))).get("n", as: Int.self) }
    }
    #expect(
      counts == [Self.events, 0, 0, 0], "events, events not worked in, dead jobs without a reason, unfinished jobs")
    await database.shutDown()
  }

  /// Who is killed before which batch is sent.
  private static func killTimes(
    within batches: Int, _ size: CrashFleet.Size, killsDatabase: Bool, using random: inout RandomStream
  ) -> [Int: CrashFleet.Victim] {
    let processes =
      (0..<size.servers).map(CrashFleet.Victim.server) + (0..<size.workers).map(CrashFleet.Victim.worker)
      + (0..<size.schedulers).map(CrashFleet.Victim.scheduler)
    let victims =
      (0..<kills).map { _ in processes[Int.random(in: 0..<processes.count, using: &random)] }
      + Array(repeating: .database, count: killsDatabase ? databaseKills : 0)
    return Dictionary(uniqueKeysWithValues: zip((1..<batches).shuffled(using: &random), victims))
  }

  private static let ads = (1...8).map { "120210000000000\($0)" }

  private static let figures =
    "ad_id,date,impressions,clicks,spend\n" + ads.map { "\($0),2026-05-20,1000,20,100\n" }.joined()

  /// Each deal's events, in time and a second apart at least, so that none depends on how ties are resolved.
  private static func makeEvents(from start: Instant, using random: inout RandomStream) -> [SentEvent] {
    let stages = ["lead", "appointmentscheduled", "show_up", "closedwon", "closedlost"]
    return (0..<events).map { number in
      let deal = number % deals + 1
      let at = start.adding(seconds: Int64(number / deals) * 3600 + Int64.random(in: 0..<3600, using: &random))
      switch Int.random(in: 0..<5, using: &random) {
      case 0:
        let amount = "\(Int.random(in: 100...9_999, using: &random)).50"
        return SentEvent(number, deal: deal, property: ("amount", amount), at: at)
      case 1:
        let ad = ads[Int.random(in: 0..<ads.count, using: &random)]
        return SentEvent(number, deal: deal, property: ("ad_id", ad), at: at)
      default:
        return .move(number, deal: deal, to: stages[Int.random(in: 0..<stages.count, using: &random)], at: at)
      }
    }
  }

  /// Gives the fake the deals as the events leave them, with their history, and lets one answer in five fail.
  private static func fill(_ fake: FakeHubSpot, _ events: [SentEvent]) {
    for event in events {
      guard let property = event.property else { continue }
      fake.setDeal(Int64(event.dealID), [property.name: property.value], at: event.occurredAt)
    }
    fake.setLimits {
      $0.perWindow = 1_000_000
      $0.perDay = 100_000_000
    }
    fake.setFaults {
      $0.spread(0.2)
      $0.delayMilliseconds = 50
    }
  }

  private static func batches(_ events: [SentEvent], using random: inout RandomStream) -> [[SentEvent]] {
    var batches: [[SentEvent]] = []
    var rest = events[...]
    while !rest.isEmpty {
      let batch = Array(rest.prefix(Int.random(in: 1...100, using: &random)))
      batches.append(batch)
      rest = rest.dropFirst(batch.count)
    }
    return batches
  }

  /// What the same events come to when each is applied once and in order, in a file, without processes and failures.
  private static func referenceOutcome(_ events: [SentEvent]) async throws -> [String: [String]] {
    let test = try await TestSystem(at: SystemClock.now, hubSpot: HubSpotSending.settings, on: nil)
    try await test.importText(figures, as: .adsCSV)
    _ = try await test.system.hubSpot.map(portal: HubSpotSending.portal, to: test.account)
    let inTime = events.sorted { $0.occurredAt < $1.occurredAt }
    try await test.serving { api in
      for start in stride(from: 0, to: inTime.count, by: 100) {
        let answer = try await test.send(Array(inTime[start..<min(start + 100, inTime.count)]), to: api)
        try #require(answer.status == 202)
        try await test.workOffJobs()
      }
    }
    return try await outcome(of: test.system.database)
  }

  /// Every ad's sums, every deal as it stands, and every move.
  private static func outcome(of database: any Database) async throws -> [String: [String]] {
    try await database.read { transaction in
      func lines(_ columns: String, _ table: String) throws -> [String] {
        try DatabaseContents.rows(of: table, columns.split(separator: " ").map(String.init), in: transaction)
      }
      return [
        "ads": try lines("ad_id deal_pipeline_value deal_cash_revenue", "ad_states"),
        "deals": try lines("deal_id ad_id stage amount stage_entered_at", "deals"),
        "moves": try lines("deal_id occurred_at stage", "deal_stage_history"),
        "funnel": try lines("ad_id step entered_on waiting advanced lost", "funnel_steps"),
      ]
    }
  }

  /// Sends the batches by several senders at once; a batch that is not answered is sent again, as HubSpot does.
  private static func send(
    _ batches: [[SentEvent]], to fleet: CrashFleet, killing killTimes: [Int: CrashFleet.Victim]
  ) async throws {
    let numbers = Numbers()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for sender in 0..<senders {
        group.addTask {
          while true {
            let index = numbers.next()
            guard index < batches.count else { return }
            if let victim = killTimes[index] { try await fleet.kill(victim) }
            try await deliver(batches[index], to: fleet, by: sender)
          }
        }
      }
      try await group.waitForAll()
    }
  }

  /// Hands out 0, 1, 2, ...
  private final class Numbers: Sendable {
    private let last = Mutex(-1)

    func next() -> Int {
      last.withLock { last in
        last += 1
        return last
      }
    }
  }

  private static func deliver(_ batch: [SentEvent], to fleet: CrashFleet, by sender: Int) async throws {
    var attempt = 0
    while true {
      let body = Array("[\(batch.map { $0.json(attempt: min(attempt, 9)) }.joined(separator: ", "))]".utf8)
      var headers = HubSpotSending.headers(for: body, at: SystemClock.now)
      headers[.contentType] = "application/json"
      headers[.hostName] = "localhost"
      let port = await fleet.port(for: sender + attempt)
      let status = try? await TestClient.withClient(host: "127.0.0.1", port: port) { [headers] client in
        try await client.post("/webhooks/hubspot", headers: headers, body: ByteBuffer(bytes: body)).status.code
      }
      if status == 202 { return }
      try #require(status == nil || status == 503, "HubSpot's webhook was answered \(status ?? 0)")
      attempt += 1
      try #require(attempt < 10_000, "the server does not come back")
      try Task.checkCancellation()
      await fleet.waitForRestart()
    }
  }
}
