import DecisionEngine
import Values

/// A policy that learns day by day and splits each day's budget.
package protocol BudgetPolicy: Sendable {
  /// Takes in what became known and answers the day's budgets in minor units: one for each active ad, summing to the
  /// day's total where the change limits allow it.
  mutating func budgets(on day: PolicyDay) throws(SelectionError) -> [AdID: Int64]
}

/// What every policy that is driven day by day must keep to.
package struct BudgetRules: Hashable, Sendable {
  /// The currency, which sets the smallest unit of a budget.
  package var currency: Currency
  /// The largest change of a daily budget as a share of itself; nil for none.
  package var maximumDailyChange: Double?
  /// The seed of every draw.
  package var seed: UInt64
  /// What `lag_aware` believes before it has seen anything.
  package var prior = FieldPrior()

  /// Makes rules from their parts; the usual change limit is ±50 %.
  package init(currency: Currency = .usd, maximumDailyChange: Double? = 0.5, seed: UInt64) {
    self.currency = currency
    self.maximumDailyChange = maximumDailyChange
    self.seed = seed
  }

  /// The least daily budget of an ad, in minor units: 1 major unit.
  package var minimumBudget: Int64 { currency.minorUnitsPerMajor }
}

/// The policies that can be driven day by day, by the names they are called by.
package enum PolicyName: String, Hashable, Sendable, CaseIterable {
  /// Values every ad by what its deals will still bring, given how long each stage takes.
  case lagAware = "lag_aware"
  /// The reference system: click rate early, pipeline ROAS later, softmax of posterior draws.
  case battleHardened = "battle_hardened"
  /// The same for every ad.
  case evenSplit = "even_split"
  /// Thompson sampling on the number of deals that were won.
  case thompsonClosedDeals = "thompson_closed_deals"
  /// Thompson sampling on synthetic revenue: deals at the value of the stage they stand in.
  case thompsonSyntheticRevenue = "thompson_synthetic_revenue"
  /// Top-two Thompson sampling on synthetic revenue.
  case topTwoThompson = "top_two_thompson"
  /// Nine tenths to the ad with the best synthetic revenue for its spend, the rest evenly.
  case epsilonGreedy = "epsilon_greedy"
  /// Upper confidence bounds on synthetic revenue.
  case ucb1
  /// Thompson sampling on leads for each unit of spend, whatever becomes of them.
  case costPerLead = "cost_per_lead"
}
