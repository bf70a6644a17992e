import Accounts
import App
import DecisionEngine
import Decisions
import Formats
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Jobs
import Logging
import Measurement
import NIOCore
import Operations
import Platforms
import RemoteAPIs
import SampleData
import Storage
import StoragePostgres
import StorageSQLite
import Synchronization
import Values
import Web

/// A clock that moves on only when it is told to.
final class FuzzClock: Sendable {
  private let current = Mutex(Instant(seconds: 1_780_000_000))

  var now: Instant { current.withLock { $0 } }

  func advance(microseconds: Int64) {
    current.withLock { $0 = Instant(microseconds: $0.microseconds + microseconds) }
  }
}

/// A transport through which nothing is reached.
private struct NoNetwork: HTTPTransport {
  func send(_ call: HTTPCall) async throws(TransportError) -> HTTPAnswer {
    throw .connectionFailed("there is no network here")
  }
}

/// The whole system with two accounts full of data and its router, in this process, on a database of its own.
struct FuzzSystem: Sendable {
  let system: App.System
  let clock: FuzzClock
  let application: Application<RouterResponder<ServerContext>>
  let maker: RequestMaker
  let check: SchemaCheck

  private static let webhookURL = "https://hooks.example.com/webhooks/hubspot"
  private static let secret = Secret("3f1d6d3a-0000-4000-8000-9b7c5a2e1d00")
  private static let portals: [Int64] = [62_515, 62_516]

  init(on database: any Database) async throws {
    let clock = FuzzClock()
    self.clock = clock
    var settings = HubSpotSettings()
    settings.webhookURL = Self.webhookURL
    settings.secrets = [Self.secret]
    system = try await App.System(
      database: database, clock: { clock.now }, hubSpot: settings, transport: NoNetwork())
    var logger = Logger(label: "fuzz")
    logger.logLevel = .critical
    application = Application(
      router: EndpointRouter(
        endpoints: system.endpoints, authenticator: system.keys, metrics: system.requestMetrics
      ).router(), logger: logger)
    let (tokens, known) = try await Self.fill(system)
    let document = try await Self.document(of: system)
    let components = document["components"]?["schemas"] ?? .null
    check = SchemaCheck(components: components)
    maker = RequestMaker(
      operations: FuzzOperation.all(in: document), values: SchemaValues(components: components, known: known),
      tokens: tokens,
      webhook: WebhookMaker(url: Self.webhookURL, secret: Self.secret, portals: Self.portals + [5]))
  }

  private static func document(of system: App.System) async throws -> JSONValue {
    guard let endpoint = system.endpoints.first(where: { $0.path == "/openapi.json" }) else { return .null }
    let reply = try await endpoint.handle(Call(principal: nil, pathParameters: [:], body: []))
    guard case .bytes(let document) = reply.body else { return .null }
    return try JSONReader.read(document) { try $0.readValue() }
  }

  /// Fills two accounts, bounded so that nothing takes ever longer. Returns keys, and what requests may name.
  private static func fill(_ system: App.System) async throws -> (tokens: [String], known: [String: [String]]) {
    var tokens: [String] = []
    var known: [String: [String]] = [:]
    for (number, name) in ["acme", "other"].enumerated() {
      guard let account = AccountID(name) else { continue }
      try await system.accounts.create(account)
      try await system.addSample(account, seed: UInt64(number))
      try await system.lifecycle.setRate(
        RequestRate(perMinute: RequestRate.range.upperBound, burst: RequestRate.range.upperBound), of: account,
        by: .system)
      try await system.lifecycle.setQuotas(of: account, by: .system) { quotas in
        quotas[.ads] = 40
        quotas[.decisions] = 200
        quotas[.waitingJobs] = 500
      }
      _ = try await system.hubSpot.map(portal: portals[number], to: account)
      for role in number == 0 ? [Role.viewer, .operator, .operator, .operator, .admin, .admin] : [.admin] {
        tokens.append(try await system.keys.create(for: account, role: role))
      }
      if number == 0 { known = try await names(of: account, in: system) }
    }
    known["account_id"] = ["acme", "acme", "acme", "other", "nobody"]
    return (tokens, known)
  }

  private static func names(of account: AccountID, in system: App.System) async throws -> [String: [String]] {
    let configuration = try await system.accounts.configuration(of: account)
    let ads = try await system.ads.known(of: account, configuration: configuration, asOf: nil).ads
      .map(\.state.adID.value)
    var order = DecisionService.Order(account: account, totalBudget: Money(micros: 600_000_000))
    order.seed = 1
    let decision = try await system.decisions.decide(order).id
    let jobs = try await system.jobs.push([MonitorFatigue(accountID: account)]).map { "\($0.id)" }
    let key = try await system.keys.create(APIKeyDraft(role: .viewer), for: account, by: .system).id
    let deals = ["1", "2", "d1", "deal-7"]
    return [
      "ad_id": ads + ["1202100000000001", "new-ad"], "decision_id": ["\(decision)", "acme:0", "other:0"],
      "job_id": jobs,
      "before": jobs, "key_id": [key], "version": ["1", "2", "99"], "deal_id": deals,
      "click_id": ["c1", "c2", "fb.1.2"],
      "timezone": HostileValues.zones, "currency": HostileValues.currencies, "deal_currency": HostileValues.currencies,
      "date": HostileValues.days, "name": ["lead", "show_up", "closed_won", "closed_lost", "appointment_scheduled"],
      "stage": ["lead", "show_up", "closed_won", "closed_lost"], "old_stage": ["lead", "show_up"],
      "new_stage": ["show_up", "closed_won"], "queue": ["fatigue-monitoring"], "creative_dna_scores": ads,
    ]
  }

  /// Does what waits to be done, and removes what is no longer kept.
  func catchUp() async throws {
    let queues: [QueueName] = [ProcessHubSpotWebhook.queue, MonitorFatigue.queue, ProcessBudgetOptimization.queue]
    _ = try await Worker(
      queue: system.jobs, registry: system.jobRegistry,
      queues: Dictionary(uniqueKeysWithValues: queues.map { ($0, 1) }), workerID: "fuzz", clock: { clock.now }
    ).workOff()
    await system.retention.runDue { _ in }
  }
}

/// A database of its own for a section of requests.
enum FuzzDatabase {
  /// A new SQLite file in `folder`, or what `url` names, which must be empty.
  static func open(url: String?, in folder: URL, number: Int) throws -> any Database {
    if let url { return PostgresDatabase(try PostgresSettings(url)) }
    return try SQLiteDatabase(path: folder.appending(path: "section-\(number).sqlite").path)
  }
}
