import DecisionEngine
import Values

/// A policy that learns day by day and splits each day's budget.
package protocol BudgetPolicy: Sendable {
  /// Learns what became known and returns the day's budgets in minor units: one for each active ad, summing to the
  /// day's total where the change limits allow it.
  mutating func budgets(on day: PolicyDay) throws(SelectionError) -> [AdID: Int64]
}

/// The rules that every policy driven day by day must follow.
package struct BudgetRules: Hashable, Sendable {
  /// The currency, which determines the smallest unit of a budget.
  package var currency: Currency
  /// The largest change of a daily budget as a share of itself; nil for none.
  package var maximumDailyChange: Double?
  /// The seed of every draw.
  package var seed: UInt64
  /// What `lag_aware` believes before it has any data.
  package var prior = FieldPrior()

  /// The default change limit is ±50 %.
  package init(currency: Currency = .usd, maximumDailyChange: Double? = 0.5, seed: UInt64) {
    self.currency = currency
    self.maximumDailyChange = maximumDailyChange
    self.seed = seed
  }

  /// The least daily budget of an ad, in minor units: 1 major unit.
  package var minimumBudget: Int64 { currency.minorUnitsPerMajor }
}

/// The policies that can be driven day by day, by name.
package enum PolicyName: String, Hashable, Sendable, CaseIterable {
  /// Values every ad by the revenue that its deals are still expected to bring, given how long each stage takes.
  case lagAware = "lag_aware"
  /// The reference system: click rate early, pipeline ROAS later, softmax of posterior draws.
  case battleHardened = "battle_hardened"
  /// The same for every ad.
  case evenSplit = "even_split"
  /// Thompson sampling on the number of deals that were won.
  case thompsonClosedDeals = "thompson_closed_deals"
  /// Thompson sampling on synthetic revenue: deals at the value of their current stage.
  case thompsonSyntheticRevenue = "thompson_synthetic_revenue"
  /// Top-two Thompson sampling on synthetic revenue.
  case topTwoThompson = "top_two_thompson"
  /// Nine tenths to the ad with the best synthetic revenue for its spend, the rest evenly.
  case epsilonGreedy = "epsilon_greedy"
  /// Upper confidence bounds on synthetic revenue.
  case ucb1
  /// Thompson sampling on leads for each unit of spend, whether they buy or not.
  case costPerLead = "cost_per_lead"
}
