import DecisionEngine
import Values

/// The `lag_aware` policy driven day by day: keeps the counts, and the budgets it set.
package struct LagAwarePolicy: BudgetPolicy {
  private var history: FunnelHistory
  private var budgets: [AdID: Int64] = [:]
  private var day: UInt64 = 0
  private let seed: UInt64
  private let sampler: LagAwareSampler

  package init(funnel: SalesFunnel, rules: BudgetRules) {
    history = FunnelHistory(funnel: funnel)
    seed = rules.seed
    sampler = LagAwareSampler(
      configuration: LagAwareConfiguration(
        maxDailyChange: rules.maximumDailyChange, currency: rules.currency, prior: rules.prior))
  }

  /// Learns what became known and returns the day's budgets in minor units.
  package mutating func budgets(on today: PolicyDay) throws(SelectionError) -> [AdID: Int64] {
    for report in today.metrics { history.take(report) }
    for event in today.deals { history.take(event) }
    let active = today.ads.filter(\.isActive).map(\.adID)
    let selection = try sampler.select(
      active, history.tallies, currentBudgets: budgets.mapValues(Double.init), now: today.now,
      totalBudget: today.totalBudget, seed: seed &+ day)
    day += 1
    budgets = selection.recommendations.reduce(into: [:]) { $0[$1.adID] = $1.recommendedBudget }
    return budgets
  }
}
