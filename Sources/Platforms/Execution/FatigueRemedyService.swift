import Accounts
import DecisionEngine
import Decisions
import Execution
import Jobs
import Measurement
import Storage
import Values

/// Proposes remedies for the wear of ads, and the reactivation of paused ads with late revenue.
package struct FatigueRemedyService: Sendable {
  private let database: any Database
  private let clock: @Sendable () -> Instant
  private let accounts: AccountService
  private let ads: AdService
  private let fatigue: FatigueService
  private let proposals: ProposalService
  private let live: LiveAccounts
  private let settings = ExecutionSettingsRepository()

  package init(
    database: any Database, clock: @escaping @Sendable () -> Instant, accounts: AccountService, ads: AdService,
    fatigue: FatigueService, proposals: ProposalService, live: LiveAccounts
  ) {
    self.database = database
    self.clock = clock
    self.accounts = accounts
    self.ads = ads
    self.fatigue = fatigue
    self.proposals = proposals
    self.live = live
  }

  /// Does the job: reports how many ads wear, the first of them by name, and the result.
  ///
  /// Nothing is proposed where the figures are too old, or where the ad account cannot be read or must not be changed;
  /// the report says so. Throws where trying again later may help.
  @Sendable package func monitor(_ job: MonitorFatigue, _ context: JobContext) async throws -> JobReport? {
    let wear = try await fatigue.wear(of: job.accountID)
    do {
      try wear.known.freshness.check(job.accountID)
      return JobReport("\(wear.summary); \(try await propose(wear, of: job.accountID))")
    } catch let error as AdError {
      return JobReport("\(wear.summary); nothing is proposed: \(error)")
    } catch let error as LiveAccountError {
      if case .unreadable(let cause) = error { throw MetaJobError(cause, now: clock()) }
      if case .noAccess = error, wear.ads.allSatisfy({ $0.wear.level == .none }) { return JobReport(wear.summary) }
      return JobReport("\(wear.summary); nothing is proposed: \(error)")
    }
  }

  /// Replaces unapproved proposals for wear or late revenue by new ones, and reports the result.
  private func propose(_ wear: AccountWear, of account: AccountID) async throws -> String {
    let configuration = try await accounts.configuration(of: account)
    let reading = try await live.read(account, configuration.currency)
    let now = clock()
    let since = now.adding(seconds: -Revival.days * 86_400)
    let (limits, past) = try await database.read { [self] transaction in
      (
        try settings.get(of: account, in: configuration.currency, in: transaction).settings,
        try AdChangeRepository(configuration.currency).ended(of: account, since: since, in: transaction)
      )
    }
    let objects = LiveAccount(reading.objects)
    let restStart = now.adding(seconds: -Int64(FatigueRemedies.restDays) * 86_400)
    let remedies = FatigueRemedies(wear.ads, in: objects, past: past.filter { $0.endedAt >= restStart })
    let paused = Revival.candidates(in: objects, wear.known.ads, past: past, limits, at: now)
    let revived = try await revivals(of: paused, wear.known, configuration, account)
    var wish = ProposalService.Wish()
    wish.wanted = remedies.wanted + revived
    wish.refusals = remedies.refusals
    wish.replaced = [.fatigue, .revive]
    let proposed = try await proposals.propose(wish, of: account, reading)
    return Self.report(proposed, remedies)
  }

  private func revivals(
    of paused: [PausedAd], _ known: KnownAds, _ configuration: AccountConfiguration, _ account: AccountID
  ) async throws -> [WantedChange] {
    let worth = try await ads.worth(
      of: account, at: Dictionary(paused.map { ($0.adID, $0.at) }, uniquingKeysWith: { first, _ in first }))
    let states = Dictionary(known.ads.map { ($0.state.adID, $0.state) }, uniquingKeysWith: { first, _ in first })
    return paused.compactMap { ad in
      guard let state = states[ad.adID], let worth = worth[ad.adID] else { return nil }
      return Revival.wanted(ad, state, worth, configuration)
    }
  }

  private static func report(_ proposed: ProposalService.Proposed?, _ remedies: FatigueRemedies) -> String {
    let resting =
      remedies.resting.isEmpty
      ? ""
      : "; \(remedies.resting.count) left alone, because a remedy was applied or rejected within "
        + "\(FatigueRemedies.restDays) days"
    guard let proposed else { return "nothing to propose\(resting)" }
    let counts = [
      (ChangeKind.pause, "pauses"), (.setBudget, "smaller budgets"), (.activate, "reactivations"),
    ].map { kind, name in "\(proposed.changes.count { $0.action.kind == kind }) \(name)" }
    return "batch \(proposed.batch.id): \(counts.joined(separator: ", ")) proposed, "
      + "\(proposed.batch.refusals.count) refused\(resting)"
  }
}
