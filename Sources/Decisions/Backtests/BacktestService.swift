import Accounts
import DecisionEngine
import Measurement
import Storage
import Values

/// Replays an account's own past: decides each day based on what was known the evening before.
package struct BacktestService: Sendable {
  /// How many days a backtest may cover.
  package static let dayCount = 1...366

  private let accounts: AccountService
  private let ads: AdService

  package init(accounts: AccountService, ads: AdService) {
    self.accounts = accounts
    self.ads = ads
  }

  /// Replays the days from `first` to `last`. `progress` is called with the number of days done.
  ///
  /// For each day the sum that was spent is split again, under the account's daily change limit relative to the spend
  /// of the day before. Throws a ``BacktestError`` where there is nothing to replay.
  package func run(
    _ account: AccountID, from first: CalendarDay, to last: CalendarDay, seed: UInt64,
    progress: @Sendable (Int) -> Void
  ) async throws -> Backtest {
    let length = last.daysSinceEpoch - first.daysSinceEpoch + 1
    guard Self.dayCount.contains(length) else {
      throw BacktestError.badRange(from: first, to: last)
    }
    let configuration = try await accounts.configuration(of: account)
    let record = try await ads.record(of: account, configuration, from: first.adding(days: -1), to: last)
    var days: [Backtest.Day] = []
    for offset in 0..<length {
      let day = first.adding(days: offset)
      progress(offset)
      let spent = (record.spend[day] ?? [:]).filter { $0.value > 0 }
      guard !spent.isEmpty else { continue }
      let proposals = try await propose(
        account, configuration, on: day, spent, before: record.spend[day.adding(days: -1)] ?? [:], seed)
      days.append(
        Backtest.Day(day: day, spent: spent, returned: record.returned[day] ?? [:], proposals: proposals))
    }
    guard !days.isEmpty else { throw BacktestError.nothingSpent(account, from: first, to: last) }
    return Backtest(days: days, seed: seed)
  }

  private func propose(
    _ account: AccountID, _ configuration: AccountConfiguration, on day: CalendarDay, _ spent: [AdID: Double],
    before: [AdID: Double], _ seed: UInt64
  ) async throws -> [BacktestPolicy: [AdID: Double]] {
    let evening = day.adding(days: -1)
    let unit = Double(configuration.currency.minorUnitsPerMajor)
    let names = spent.keys.sorted()
    let floor = configuration.sampler().minimumBudget * Int64(names.count)
    let total = max(Int64(clamping: (spent.values.reduce(0, +) * unit).rounded()), floor)
    let known = try await ads.known(of: account, configuration: configuration, asOf: evening, withHistory: true)
    let history = known.history
    let totals = Dictionary(uniqueKeysWithValues: known.ads.map { ($0.state.adID, $0.state) })
    // The day's ads are those that spent on it: they ran, whatever was known about them the evening before.
    let states = try names.map { adID in
      try Self.state(
        adID, account, known: totals[adID], days: history?.ads[adID]?.days, budget: before[adID])
    }
    func budgets(_ policy: Policy, _ history: FunnelTallies?) throws -> [AdID: Double] {
      let inputs = SelectionInputs(
        policy: policy, ads: states, history: history, now: known.at, totalBudget: total, seed: seed)
      return try inputs.select(configuration).budgets.reduce(into: [:]) { $0[$1.adID] = Double($1.budget) / unit }
    }
    return [
      .lagAware: try budgets(.lagAware, history), .battleHardened: try budgets(.battleHardened, nil),
      .evenSplit: names.reduce(into: [:]) { $0[$1] = Double(total) / unit / Double(names.count) },
    ]
  }

  /// An ad's totals as they were known then, with the spend of the day before as its budget; a new ad has neither.
  /// `days` are as they were reported then, whereas the totals in `known` are as they are reported now.
  private static func state(
    _ adID: AdID, _ account: AccountID, known: AdState?, days: [AdTally.Day]?, budget: Double?
  ) throws -> AdState {
    let days = days ?? []
    return try AdState(
      accountID: account, adID: adID, impressions: days.reduce(0) { $0 + $1.impressions },
      clicks: days.reduce(0) { $0 + $1.clicks }, spend: days.reduce(0) { $0 + $1.spend },
      pipelineValue: known?.pipelineValue ?? 0, cashRevenue: known?.cashRevenue ?? 0,
      ageHours: known?.ageHours ?? 0, statedDailyBudget: budget ?? 0)
  }
}
