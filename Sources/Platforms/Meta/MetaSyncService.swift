import Accounts
import Jobs
import Measurement
import RemoteAPIs
import Storage
import Values
import Web

/// Brings accounts up to date with their ad accounts at Meta: figures, campaigns, ad sets, ads, and whether these run.
/// It changes nothing there.
package struct MetaSyncService: Sendable {
  private let database: any Database
  private let clock: @Sendable () -> Instant
  private let sleep: @Sendable (Duration) async throws -> Void
  private let accounts: AccountService
  private let ads: AdService
  private let connections: MetaConnectionService
  private let objects: AdObjectService
  private let queue: DatabaseJobQueue
  private let repository = MetaConnectionRepository()

  /// Jobs go to `queue`, `clock` returns the current moment, and `sleep` waits for reports.
  package init(
    database: any Database, clock: @escaping @Sendable () -> Instant, accounts: AccountService, ads: AdService,
    connections: MetaConnectionService, objects: AdObjectService, queue: DatabaseJobQueue,
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) {
    self.database = database
    self.clock = clock
    self.accounts = accounts
    self.ads = ads
    self.connections = connections
    self.objects = objects
    self.queue = queue
    self.sleep = sleep
  }

  /// The result of a sync.
  package struct Report: Hashable, Sendable {
    /// Campaigns, ad sets and ads that exist.
    package let objects: Int
    /// The days that were read.
    package let first: CalendarDay
    package let last: CalendarDay
    /// Days of ads with a row.
    package let rows: Int
    /// Days of ads that were new or had changed.
    package let changed: Int
    /// How much of the past has been read.
    package let history: InsightHistory
    /// Whether more of the past can be read at once.
    package let goesOn: Bool
    /// Rows that could not be read, the first ones.
    package let problems: [RowProblem]

    /// The result in a sentence.
    package var text: String {
      let past = history.isComplete ? "" : "; \(history.daysDone) of \(history.days) days of the past are read"
      let bad = problems.first.map { "; rows that cannot be read were left out: \($0)" } ?? ""
      return
        "\(rows) days of ads from \(first) to \(last), \(changed) of them new or changed; \(objects) campaigns, ad "
        + "sets and ads\(past)\(bad)"
    }
  }

  /// Days that Meta may still restate: figures do not change later than 28 days after they were reported.
  package static let restatedDays = 28

  /// Does the job. Where there is no connection or no token, it only reports what to set and where.
  @Sendable package func sync(_ job: SyncMetaInsights, _ context: JobContext) async throws -> JobReport? {
    let report: Report
    do {
      report = try await sync(job.accountID)
    } catch let error as MetaError {
      throw MetaJobError(error, now: clock())
    } catch let error as MetaSyncRefusal {
      return JobReport("nothing was read: \(error)")
    } catch let error as MetaTokenMissing {
      return JobReport("nothing was read: \(error)")
    }
    if report.goesOn {
      try await database.write { [queue] in _ = try queue.push([SyncMetaInsights(accountID: job.accountID)], in: $0) }
      queue.wake(SyncMetaInsights.queue)
    }
    return JobReport(report.text)
  }

  /// Reads what Meta has now, and as much of the past as takes about ten minutes. What has been stored when it fails,
  /// or its process is killed, stays, and the next sync continues from there.
  ///
  /// Throws a ``MetaSyncRefusal`` or ``MetaTokenMissing`` where nothing can be read until somebody acts, a
  /// ``MetaError``, or a ``ReportTooShort``. The connection's ``MetaConnection/problem`` says the same until a sync
  /// succeeds.
  package func sync(
    _ account: AccountID, progress: @Sendable (InsightHistory) -> Void = { _ in }
  ) async throws -> Report {
    try await notingProblems(of: account) { [self] in
      let (connection, client, configuration, createdAt) = try await checked(account)
      let found = try await readObjects(of: connection, client)
      let reader = MetaFiguresReader(client: client, configuration: configuration, sleep: sleep)
      let delivery = MetaDelivery(found, at: clock())
      let (report, changed) = try await readFigures(of: connection, delivery, reader)
      try await ads.takeDelivery(delivery.states, from: Self.platform, on: report.last, of: account)
      try await database.write { [connections, repository, clock] transaction in
        try connections.requireUnchanged(connection, in: transaction)
        try repository.setSynced(account, until: report.last, at: clock(), in: transaction)
      }
      let calendar = try configuration.calendar
      let (history, goesOn) = try await MetaHistorySync(
        database: database, clock: clock, ads: ads, connections: connections, connection: connection, reader: reader
      ).work(from: createdAt.map { calendar.day(of: $0) }, before: report.first, progress)
      return Report(
        objects: found.filter(\.exists).count, first: report.first, last: report.last, rows: report.days.count,
        changed: changed, history: history, goesOn: goesOn, problems: report.problems)
    }
  }

  /// Checks the token and the ad account, and marks the connection as verified where nothing prevents it. Throws what
  /// ``sync(_:progress:)`` throws.
  package func check(_ account: AccountID) async throws {
    try await notingProblems(of: account) { [self] in _ = try await checked(account, asksForToken: true) }
  }

  static let platform = "Meta"

  private func notingProblems<Result: Sendable>(
    of account: AccountID, _ work: () async throws -> Result
  ) async throws -> Result {
    do {
      return try await work()
    } catch {
      let text = "\(error)"
      if !(error is CancellationError) {
        try await database.write { [repository] in try repository.setProblem(text, of: account, in: $0) }
      }
      throw error
    }
  }

  /// Tokens are checked once a day.
  private static let tokenCheck: Int64 = 86_400

  private func checked(
    _ account: AccountID, asksForToken: Bool = false
  ) async throws -> (MetaConnection, MetaClient, AccountConfiguration, createdAt: Instant?) {
    guard let (connection, client) = try await connections.client(of: account) else {
      throw MetaSyncRefusal.notConnected(account)
    }
    let adAccount = try await client.account()
    let facts = MetaAccountFacts(adAccount)
    let isTokenKnown = connection.token.map { $0.checkedAt.adding(seconds: Self.tokenCheck) > clock() } ?? false
    let token = asksForToken || !isTokenKnown ? try await tokenFacts(client) : nil
    let configuration = try await accounts.write(inTurnOf: account) { [self] configuration, transaction in
      try repository.save(facts, of: account, in: transaction)
      if let token { try repository.save(token, of: account, in: transaction) }
      return configuration
    }
    if let mismatch = MetaFindings.mismatch(facts, configuration, of: account, at: clock()) {
      throw MetaSyncRefusal.mismatch(mismatch.text)
    }
    do {
      try await database.write { [repository, clock] in try repository.verify(account, at: clock(), in: $0) }
    } catch DatabaseError.uniqueViolation {
      throw MetaSyncRefusal.taken(MetaConnectionService.taken(connection.adAccount).description)
    }
    return (connection, client, configuration, adAccount.createdAt)
  }

  private func tokenFacts(_ client: MetaClient) async throws(MetaError) -> MetaTokenFacts {
    var (scopes, end) = ([String](), Instant?.none)
    do throws(MetaError) {
      let info = try await client.tokenInfo()
      guard info.isValid else { throw MetaError(.tokenRefused, info.problem ?? "it is not valid") }
      (scopes, end) = (info.scopes, info.expiresAt)
    } catch {
      // Some tokens may not read their own data; their permissions can be read with all tokens.
      guard [.forbidden, .invalid, .notFound].contains(error.kind) else { throw error }
      scopes = try await client.permissions().filter(\.isGranted).map(\.name)
    }
    return MetaTokenFacts(scopes: scopes, expiresAt: end, tier: client.accessTier, checkedAt: clock())
  }

  private func readObjects(of connection: MetaConnection, _ client: MetaClient) async throws -> [AdObject] {
    let account = connection.accountID
    let known = try await objects.all(of: account)
    let found = try await MetaObjectReader(client: client).objects(known: known)
    try await database.write { [connections, objects, repository, clock] transaction in
      try connections.requireUnchanged(connection, in: transaction)
      try objects.save(found, of: account, in: transaction)
      try repository.setObjectsRead(account, at: clock(), in: transaction)
    }
    return try await objects.all(of: account)
  }

  private struct FiguresRead {
    let first: CalendarDay
    let last: CalendarDay
    let days: [DailyMetrics]
    let problems: [RowProblem]
  }

  /// Reads the days that Meta may still restate, and those since the last sync, and stores what is new.
  private func readFigures(
    of connection: MetaConnection, _ delivery: MetaDelivery, _ reader: MetaFiguresReader
  ) async throws -> (FiguresRead, changed: Int) {
    let account = connection.accountID
    let today = try reader.configuration.calendar.day(of: clock())
    let lastSync = min(connection.syncedUntil ?? today, today)
    let first = max(lastSync.adding(days: -Self.restatedDays), MetaHistorySync.firstDay(before: today))
    let found = try await reader.days(from: first, to: today)
    var changed = try await ads.take(found.days, from: Self.platform, of: account)
    // A row that could not be read is not a missing one.
    if found.problems.isEmpty {
      let report = PlatformReport(
        platform: Self.platform, first: first, last: today, days: found.days,
        ads: Set(delivery.names.keys).union(found.days.map(\.adID)), names: delivery.names)
      let over = (lastSync.daysSinceEpoch..<today.daysSinceEpoch).map(CalendarDay.init(daysSinceEpoch:))
      changed += try await ads.takeSilence(of: report, running: delivery.running, on: over, account: account)
    }
    return (
      FiguresRead(first: first, last: today, days: found.days, problems: found.problems), changed
    )
  }
}
