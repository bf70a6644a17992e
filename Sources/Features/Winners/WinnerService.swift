import Database
import DecisionEngine
import Jobs
import Values

/// Tells which ads win, and sees to it that they are remembered.
public struct WinnerService: Sendable {
  private let database: any Database
  private let queue: DatabaseJobQueue
  private let accounts: AccountService
  private let ads: AdService
  private let clock: @Sendable () -> Instant

  /// Works on `database`; jobs go to `queue`, and `clock` tells the present moment.
  public init(
    database: any Database, clock: @escaping @Sendable () -> Instant, queue: DatabaseJobQueue,
    accounts: AccountService, ads: AdService
  ) {
    self.database = database
    self.queue = queue
    self.accounts = accounts
    self.ads = ads
    self.clock = clock
  }

  /// Leaves an ``AutoIndexWinner`` job within `transaction` for each of `adIDs` that wins now: pipeline ROAS or CTR
  /// over the account's thresholds. An ad without figures does not win.
  func check(
    _ adIDs: Set<AdID>, of account: AccountID, _ configuration: AccountConfiguration,
    in transaction: any Transaction
  ) throws {
    let calendar = try configuration.calendar
    var jobs: [AutoIndexWinner] = []
    for adID in adIDs.sorted() {
      guard let record = try ads.record(of: adID, account: account, in: transaction) else { continue }
      let state = try record.state(at: clock(), calendar: calendar)
      guard FeedbackResult(state: state, configuration).isWinner else { continue }
      jobs.append(AutoIndexWinner(accountID: account, adID: adID))
    }
    if !jobs.isEmpty { _ = try queue.push(jobs, in: transaction) }
  }

  /// Does the job: judges every active ad of the account.
  @Sendable public func find(_ job: FindWinners, _ context: JobContext) async throws -> JobReport? {
    let configuration = try await accounts.configuration(of: job.accountID)
    let states = try await ads.states(of: job.accountID, configuration: configuration, asOf: nil).states
    let winners = states.filter { FeedbackResult(state: $0, configuration).isWinner }.map(\.adID)
    try await database.write { [self] transaction in
      let configuration = try accounts.configuration(of: job.accountID, in: transaction)
      try check(Set(winners), of: job.accountID, configuration, in: transaction)
    }
    return JobReport("\(states.count) ads, \(winners.count) of them winners")
  }
}
