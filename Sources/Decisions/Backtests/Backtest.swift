import DecisionEngine
import Values

/// What policies would have proposed on past days, and what is known to have become of the money that was spent.
package struct Backtest: Sendable {
  /// One past day.
  package struct Day: Sendable {
    /// The day.
    package let day: CalendarDay
    /// What was spent, by ad, in major units.
    package let spent: [AdID: Double]
    /// What the deals that entered the funnel that day are worth today, by ad, in major units.
    package let returned: [AdID: Double]
    /// The budgets each policy proposes from what was known the evening before, by ad, in major units.
    package let proposals: [BacktestPolicy: [AdID: Double]]
  }

  /// What is estimated of a policy.
  package struct Row: Hashable, Sendable {
    /// The policy.
    package let policy: BacktestPolicy
    /// Revenue of each unit spent, had the money gone where the policy proposed.
    package let returnPerUnit: Double
    /// That of the policy over that of what was done, less 1.
    package let gain: Double
    /// The range that holds ``gain`` with a chance of 95 %, by resampling days.
    package let gainRange: ClosedRange<Double>
    /// The share of the proposed money that lies where enough was spent to judge it, in 0...1.
    package let coverage: Double
  }

  /// A proposal of more than this many times what an ad spent that day is judged no further.
  package static let furthestScale = 2.0
  private static let resamples = 1_000

  /// The days, in their order.
  package let days: [Day]
  /// The estimates, what was done first.
  package let rows: [Row]

  /// Estimates each policy over `days`; `seed` is that of the resampling.
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

  /// The money of a day that a policy and the record have in common, and what came of it.
  private struct Share {
    var money: Double
    var revenue: Double
    var proposed: Double

    init(money: Double, revenue: Double, proposed: Double) {
      (self.money, self.revenue, self.proposed) = (money, revenue, proposed)
    }

    /// Each proposed unit is taken to bring what a unit of the ad brought that day, as far as the ad spent enough.
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

/// Whose budgets a backtest judges.
package enum BacktestPolicy: String, Hashable, Sendable, CaseIterable {
  /// What was done.
  case asSpent = "as_spent"
  /// The `lag_aware` policy.
  case lagAware = "lag_aware"
  /// The `battle_hardened` policy.
  case battleHardened = "battle_hardened"
  /// The same for every ad.
  case evenSplit = "even_split"
}
