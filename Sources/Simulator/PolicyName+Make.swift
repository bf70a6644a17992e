import DecisionEngine

extension PolicyName {
  /// Makes the policy, with nothing learnt yet.
  package func make(funnel: SalesFunnel, rules: BudgetRules) -> any BudgetPolicy {
    switch self {
    case .lagAware: LagAwarePolicy(funnel: funnel, rules: rules)
    case .battleHardened: BattleHardenedPolicy(funnel: funnel, rules: rules)
    case .evenSplit: SharePolicy(EvenSplit(), funnel: funnel, rules: rules)
    case .thompsonClosedDeals: SharePolicy(ThompsonClosedDeals(), funnel: funnel, rules: rules)
    case .thompsonSyntheticRevenue: SharePolicy(ThompsonSyntheticRevenue(), funnel: funnel, rules: rules)
    case .topTwoThompson: SharePolicy(TopTwoThompson(), funnel: funnel, rules: rules)
    case .epsilonGreedy: SharePolicy(EpsilonGreedy(), funnel: funnel, rules: rules)
    case .ucb1: SharePolicy(UCB1(), funnel: funnel, rules: rules)
    case .costPerLead: SharePolicy(CostPerLead(), funnel: funnel, rules: rules)
    }
  }
}
