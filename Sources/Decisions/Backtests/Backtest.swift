import DecisionEngine
import Values

/// What policies would have proposed on past days, and the known results of the money that was spent.
package struct Backtest: Sendable {
  /// One past day.
  package struct Day: Sendable {
    package let day: CalendarDay
    /// What was spent, by ad, in major units.
    package let spent: [AdID: Double]
    /// The current worth of the deals that entered the funnel that day, by ad, in major units.
    package let returned: [AdID: Double]
    /// The budgets that each policy proposes from what was known the evening before, by ad, in major units.
    package let proposals: [BacktestPolicy: [AdID: Double]]
  }

  /// The estimates for a policy.
  package struct Row: Hashable, Sendable {
    package let policy: BacktestPolicy
    /// Revenue of each unit spent, if the policy's proposals had been followed.
    package let returnPerUnit: Double
    /// The policy's revenue per unit relative to the actual one, minus 1.
    package let gain: Double
    /// The 95 % range of ``gain``, by resampling days.
    package let gainRange: ClosedRange<Double>
    /// The share of the proposed money for ads that spent enough to judge it, in 0...1.
    package let coverage: Double
  }

  /// Proposals are judged only up to this multiple of what an ad spent that day.
  package static let furthestScale = 2.0
  private static let resamples = 1_000

  /// The days, in their order.
  package let days: [Day]
  /// The estimates, with those of the actual spend first.
  package let rows: [Row]

  /// Estimates each policy over `days`; `seed` is used for resampling.
  package init(days: [Day], seed: UInt64) {
    self.days = days
    let done = days.map { day in
      Share(money: day.spent.values.reduce(0, +), revenue: day.returned.values.reduce(0, +), proposed: 0)
    }
    rows = BacktestPolicy.allCases.map { policy in
      let shares = policy == .asSpent ? done : days.map { Share($0, policy) }
      return Self.row(policy, shares, done, seed)
    }
  }

  /// The money of a day that a policy and the record have in common, and its return.
  private struct Share {
    var money: Double
    var revenue: Double
    var proposed: Double

    init(money: Double, revenue: Double, proposed: Double) {
      (self.money, self.revenue, self.proposed) = (money, revenue, proposed)
    }

    /// Each proposed unit is assumed to return what a unit of the ad returned that day, where the ad spent enough.
    init(_ day: Day, _ policy: BacktestPolicy) {
      self.init(money: 0, revenue: 0, proposed: 0)
      for (adID, budget) in (day.proposals[policy] ?? [:]).sorted(by: { $0.key < $1.key }) {
        proposed += budget
        guard let spent = day.spent[adID], spent > 0 else { continue }
        let judged = min(budget, spent * Backtest.furthestScale)
        money += judged
        revenue += judged / spent * (day.returned[adID] ?? 0)
      }
    }
  }

  private static func row(
    _ policy: BacktestPolicy, _ shares: [Share], _ done: [Share], _ seed: UInt64
  ) -> Row {
    let all = Array(shares.indices)
    var stream = RandomStream(seed: seed, name: policy.rawValue)
    var gains = (0..<resamples).map { _ in
      gain(all.map { _ in Int.random(in: 0..<max(all.count, 1), using: &stream) }, shares, done)
    }
    gains.sort()
    let proposed = shares.reduce(0) { $0 + $1.proposed }
    let low = gains[resamples * 25 / 1000]
    let high = gains[resamples * 975 / 1000 - 1]
    return Row(
      policy: policy, returnPerUnit: perUnit(all, shares), gain: gain(all, shares, done),
      gainRange: low...max(low, high),
      coverage: policy == .asSpent ? 1 : proposed > 0 ? shares.reduce(0) { $0 + $1.money } / proposed : 0)
  }

  private static func perUnit(_ picked: [Int], _ shares: [Share]) -> Double {
    let money = picked.reduce(0) { $0 + shares[$1].money }
    return money > 0 ? picked.reduce(0) { $0 + shares[$1].revenue } / money : 0
  }

  private static func gain(_ picked: [Int], _ shares: [Share], _ done: [Share]) -> Double {
    let reference = perUnit(picked, done)
    return reference > 0 ? perUnit(picked, shares) / reference - 1 : 0
  }
}

/// Whose budgets a backtest estimates.
package enum BacktestPolicy: String, Hashable, Sendable, CaseIterable {
  /// The actual spend.
  case asSpent = "as_spent"
  /// The `lag_aware` policy.
  case lagAware = "lag_aware"
  /// The `battle_hardened` policy.
  case battleHardened = "battle_hardened"
  /// The same for every ad.
  case evenSplit = "even_split"
}
