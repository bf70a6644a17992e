import Values

/// A budget and the decisions about the ads that it pays for.
struct BudgetRollUp {
  let holder: LiveObject
  let current: Int64
  var ads: [DecidedAd] = []
  /// What was decided for ads that are paused in favour of these.
  var freed: Int64 = 0

  var decided: Int64 { Amounts.sum(ads.map(\.budget) + [freed]) }

  /// The return of one more unit on the budget: the ads' returns weighted by their budgets; nil where one is unknown.
  var outlook: AdReturn? {
    let outlooks = ads.compactMap(\.outlook)
    guard outlooks.count == ads.count, !ads.isEmpty else { return nil }
    let weights = ads.map { Double(max($0.budget, 1)) }
    let all = weights.reduce(0, +)
    let mean = { (path: KeyPath<AdReturn, Double>) in
      zip(outlooks, weights).reduce(0) { $0 + $1.0[keyPath: path] * ($1.1 / all) }
    }
    return AdReturn(
      marginal: mean(\.marginal), marginalLow: mean(\.marginalLow), marginalHigh: mean(\.marginalHigh),
      average: mean(\.average), averageHigh: mean(\.averageHigh))
  }
}

/// A planned change of a budget.
struct BudgetStep {
  let rollUp: BudgetRollUp
  var goal: Int64
  let origin: ChangeOrigin
  let reason: String
}
