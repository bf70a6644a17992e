import Accounts
import App
import Creatives
import Decisions
import Foundation
import Jobs
import Measurement
import Platforms
import RemoteAPIs
import Storage
import TestKit
import Testing
import Values

/// The whole system on a database of its own, with one account and a clock that stands still.
package final class TestSystem: Sendable {
  /// The clock that the system reads.
  package let clock: ManualClock
  /// The system.
  package let system: System
  /// The account that is there from the start.
  package let account: AccountID
  private let database: TestDatabase

  /// Opens the system with the account `acme`; `wrap` may put something between it and its database.
  package init(
    currency: String = "USD", timezone: String = "UTC", at start: Instant = Instant(seconds: 1_780_000_000),
    hubSpot: HubSpotSettings = HubSpotSettings(), meta: MetaSettings = MetaSettings(),
    transport: any HTTPTransport = NoNetwork(),
    sleep: @escaping @Sendable (Duration) async throws -> Void = { _ in throw CancellationError() },
    metricsToken: Secret? = nil, with additions: SystemAdditions = SystemAdditions(),
    on server: PostgresTestServer? = .shared, through wrap: (any Database) -> any Database = { $0 }
  ) async throws {
    database = try await TestDatabase(.system, on: server)
    let clock = ManualClock(at: start)
    self.clock = clock
    account = try #require(AccountID("acme"))
    system = try await System(
      database: wrap(database.database), clock: { clock.now() }, hubSpot: hubSpot, meta: meta,
      transport: transport, sleep: sleep, metricsToken: metricsToken, with: additions)
    try await system.accounts.create(account, currency: #require(Currency(currency)), timezone: timezone)
  }

  /// Works off the jobs that are ready, in one place of each queue, and returns how many attempts that took.
  @discardableResult
  package func workOffJobs() async throws -> Int {
    let queues: [QueueName] = [
      ProcessHubSpotWebhook.queue, MonitorFatigue.queue, ProcessBudgetOptimization.queue, SyncMetaInsights.queue,
      RunLaunch.queue, AutoIndexWinner.queue,
    ]
    return try await Worker(
      queue: system.jobs, registry: system.jobRegistry,
      queues: Dictionary(uniqueKeysWithValues: queues.map { ($0, 1) }), workerID: "test", clock: { self.clock.now() }
    ).workOff()
  }

  /// Opens the system's database once more, as another process would.
  package func openDatabaseAgain() throws -> any Database {
    try database.openAgain()
  }

  /// The same system as another process of it has it, with nothing in its memory yet.
  package func anotherProcess(
    meta: MetaSettings = MetaSettings(), transport: any HTTPTransport = NoNetwork(),
    with additions: SystemAdditions = SystemAdditions()
  ) async throws -> System {
    try await System(
      database: openDatabaseAgain(), clock: { [clock] in clock.now() }, meta: meta, transport: transport,
      sleep: { _ in }, with: additions)
  }

  /// How a program connects to the system's database.
  package var url: String { database.url }

  /// The same system as a role of the server has it that owns nothing; the owner grants it what `grants` says.
  package func restricted(
    passingRowSecurity: Bool = false, _ grants: (_ role: String) -> [String]
  ) async throws -> System {
    try await System(
      database: database.openRestricted(passingRowSecurity: passingRowSecurity, grants),
      clock: { [clock] in clock.now() }, transport: NoNetwork())
  }

  /// The path of a file in the system's folder.
  package func path(_ name: String) -> String {
    database.path(name)
  }

  /// Writes a file into the system's folder and returns its path.
  package func file(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
    let path = database.path(name)
    try Data(bytes).write(to: URL(filePath: path))
    return path
  }

  /// Changes the account's configuration as a PUT of `json` would.
  @discardableResult
  package func configure(_ json: String) async throws -> AccountConfiguration {
    let change = try system.accounts.settings.change(by: Array(json.utf8))
    return try await system.accounts.update(account, figures: system.ads, change)
  }
}

extension TestSchema {
  /// The whole system's.
  package static let system = TestSchema("system", allMigrations)
}

extension TestSystem {
  /// Imports the file at `path`.
  @discardableResult
  package func importFile(
    _ path: String, as kind: ImportService.Kind, _ change: (inout ImportOptions) throws -> Void = { _ in }
  ) async throws -> ImportReport {
    var options = ImportOptions()
    try change(&options)
    return try await system.imports.importFile(path, as: kind, into: account, options) { _ in }
  }

  /// Imports a file that holds `text`; its name decides how deals are read.
  @discardableResult
  package func importText(
    _ text: String, as kind: ImportService.Kind, name: String? = nil,
    _ change: (inout ImportOptions) throws -> Void = { _ in }
  ) async throws -> ImportReport {
    let name = name ?? (kind == .metaInsights ? "file.json" : "file.csv")
    return try await importFile(file(name, text.utf8), as: kind, change)
  }

  /// Imports a file that must be refused, and returns why. The database must be as it was.
  package func refusal(
    of text: String, as kind: ImportService.Kind, name: String? = nil,
    _ change: (inout ImportOptions) throws -> Void = { _ in }, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> ImportError {
    let before = try await dump()
    let error = await #expect(throws: ImportError.self, sourceLocation: sourceLocation) {
      try await importText(text, as: kind, name: name, change)
    }
    #expect(try await dump() == before, sourceLocation: sourceLocation)
    return try #require(error, sourceLocation: sourceLocation)
  }
}

extension ImportError {
  /// The rows at fault; none where the file as a whole is.
  package var rows: [RowProblem] {
    switch self {
    case .badRows(let problems, _): problems
    case .badFile: []
    }
  }

  /// The rule that the file as a whole breaks; nil where rows are at fault.
  package var fileRule: String? {
    switch self {
    case .badRows: nil
    case .badFile(_, let rule): rule
    }
  }
}

/// A transport through which nothing is reached.
package struct NoNetwork: HTTPTransport {
  /// Makes it.
  package init() {}

  /// Fails.
  package func send(_ call: HTTPCall) async throws(TransportError) -> HTTPAnswer {
    throw .connectionFailed("a test has no network")
  }
}

extension Instant {
  /// A moment after the days of the files that tests of imports read.
  package static let december2026 = Instant(seconds: 1_797_000_000)
}
