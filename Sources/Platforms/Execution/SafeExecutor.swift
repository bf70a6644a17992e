import Accounts
import Execution
import Jobs
import Measurement
import RemoteAPIs
import Storage
import Values

/// Applies approved changes, one after the other: read, note what is about to be written, write once, read back, note
/// what came of it. A change whose outcome is not known is settled by reading, never by writing it again.
package struct SafeExecutor: Sendable {
  let database: any Database
  let clock: @Sendable () -> Instant
  let sleep: @Sendable (Duration) async throws -> Void
  let accounts: AccountService
  let ads: AdService
  let live: LiveAccounts
  let log: ChangeLog
  let settings = ExecutionSettingsRepository()
  let name: String

  /// Works on `database`; `clock` tells the present moment, `sleep` waits before a value is read again, and `name` tells
  /// this executor from others.
  package init(
    database: any Database, clock: @escaping @Sendable () -> Instant, accounts: AccountService, ads: AdService,
    live: LiveAccounts, name: String = "executor",
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) {
    self.database = database
    self.clock = clock
    self.sleep = sleep
    self.accounts = accounts
    self.ads = ads
    self.live = live
    self.name = name
    log = ChangeLog(clock: clock)
  }

  /// How long a claim holds, in seconds: an executor that has not come back by then is taken for dead.
  static let claimSeconds: Int64 = 300
  /// How long after a write its outcome is settled by reading, where whoever wrote it has not: longer than a call takes.
  static let settleSeconds: Int64 = 180

  /// For how long changes are checked against an account as it was read, in seconds: people edit it, too.
  static let readingSeconds: Int64 = 120

  /// What came of a run.
  struct Summary: Sendable {
    var (verified, failed, blocked, released, settled, expired) = (0, 0, 0, 0, 0, 0)
    /// Why the run ended before all was done; nil where all was.
    var stop: String?

    /// The run in a sentence.
    var text: String {
      let parts = [
        (verified, "applied"), (failed, "failed"), (blocked, "blocked"), (released, "put off"), (settled, "settled"),
        (expired, "expired"),
      ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
      let done = parts.isEmpty ? "nothing to apply" : parts.joined(separator: ", ")
      return stop.map { "\(done); \($0)" } ?? done
    }
  }

  /// Does the job.
  @Sendable package func apply(_ job: ApplyAdChanges, _ context: JobContext) async throws -> JobReport? {
    JobReport(try await run(job.accountID).text)
  }

  /// Applies what is approved and settles what is not known, for one account.
  func run(_ account: AccountID) async throws -> Summary {
    var summary = Summary()
    let due = try await tidy(account)
    summary.expired = due.expired
    guard due.isAny else { return summary }
    do {
      var run = try await makeRun(account, due.currency)
      for id in due.unsettled { try await settle(id, run, &summary) }
      while summary.stop == nil {
        if !run.isFresh(at: clock()) { run = try await makeRun(account, due.currency) }
        guard let id = try await claim(account, &summary) else { break }
        try await apply(id, &run, &summary)
      }
    } catch let error as LiveAccountError {
      summary.stop = "\(error)"
    }
    return summary
  }

  private func makeRun(_ account: AccountID, _ currency: Currency) async throws -> ExecutorRun {
    let reading = try await live.read(account, currency)
    let paces = try await database.read { [self] transaction in
      try ads.paces(
        of: account, accounts.configuration(of: account, in: transaction), at: clock(), in: transaction)
    }
    return ExecutorRun(account: account, reading: reading, paces: paces)
  }

  // MARK: What is due

  private struct Due: Sendable {
    let currency: Currency
    var expired = 0
    var unsettled: [TimedID] = []
    var hasApproved = false

    var isAny: Bool { hasApproved || !unsettled.isEmpty }
  }

  /// Lets changes expire, gives back those whose executor has died, and finds what is to be done.
  private func tidy(_ account: AccountID) async throws -> Due {
    try await database.write { [self] transaction in
      let now = clock()
      var due = Due(currency: try accounts.configuration(of: account, in: transaction).currency)
      for id in try log.moves.expired(of: account, at: now, in: transaction) {
        let isEnded = try log.end(
          id, of: account, as: .expired, by: "system", because: "its time ran out", in: transaction)
        due.expired += isEnded ? 1 : 0
      }
      for id in try log.moves.abandoned(of: account, at: now, in: transaction) {
        let reason = "its executor did not come back; nothing had been sent"
        guard try log.moves.release(id, of: account, until: nil, because: reason, in: transaction) else { continue }
        try log.append(
          .released, to: id, of: account, by: name, state: .approved, detail: reason, in: transaction)
      }
      due.unsettled = try log.moves.unsettled(of: account, at: now, in: transaction)
      due.hasApproved = try log.moves.hasApproved(of: account, at: now, in: transaction)
      return due
    }
  }

  /// Takes the next change that may be applied; nil where there is none, or while execution is stopped.
  private func claim(_ account: AccountID, _ summary: inout Summary) async throws -> TimedID? {
    let outcome: (id: TimedID?, stop: String?) = try await database.write { [self] transaction in
      let currency = try accounts.configuration(of: account, in: transaction).currency
      let own = try settings.get(of: account, in: currency, locking: true, in: transaction).stop
      if let stop = try settings.stopForAll(locking: true, in: transaction) ?? own {
        return (nil, "execution is stopped: \(stop.text)")
      }
      let now = clock()
      let id = try log.moves.claim(
        of: account, by: name, at: now, until: now.adding(seconds: Self.claimSeconds), in: transaction)
      if let id { try log.append(.claimed, to: id, of: account, by: name, state: .claimed, in: transaction) }
      return (id, nil)
    }
    summary.stop = outcome.stop
    return outcome.id
  }
}

/// What an executor knows of an account during a run.
struct ExecutorRun: Sendable {
  let account: AccountID
  let reading: LiveReading
  /// The ad account as it was read, single objects since then anew.
  var known: LiveAccount

  init(account: AccountID, reading: LiveReading, paces: [AdID: RecentPace]) {
    self.account = account
    self.reading = reading
    known = LiveAccount(reading.objects, paces: LiveAccount.paces(paces))
  }

  var client: MetaClient { reading.client }

  /// Whether the ad account was read lately enough to check a change against.
  func isFresh(at now: Instant) -> Bool { now <= reading.at.adding(seconds: SafeExecutor.readingSeconds) }
}

extension LiveAccount {
  /// The paces of those ads whose ids can be the platform's.
  static func paces(_ recent: [AdID: RecentPace]) -> [ObjectID: AdPace] {
    recent.reduce(into: [:]) { paces, entry in
      guard let id = ObjectID(entry.key.value) else { return }
      paces[id] = AdPace(
        dailySpend: entry.value.dailySpend, spentToday: entry.value.spentToday, resultsToday: entry.value.resultsToday)
    }
  }
}
