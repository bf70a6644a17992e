import DecisionEngine
import Values

/// How one peer divides a day's budget.
protocol ShareRule: Sendable {
  /// The share of each ad, positive, in the order of `market.ads`; they need not sum to 1.
  func shares(in market: ObservedMarket, _ stream: inout RandomStream) -> [Double]
}

/// What a peer knows when it divides a day's budget. Amounts are in major units.
struct ObservedMarket {
  /// The ads that take part.
  let ads: [ObservedAds.Totals]
  /// The day's total, over 0.
  let budget: Double
  /// The account's stages.
  let funnel: SalesFunnel

  /// Spend of all the ads so far.
  var spend: Double { ads.reduce(0) { $0 + $1.spend } }
}

/// Drives a rule day by day: keeps the totals, and applies the limits of all policies to the shares.
struct SharePolicy<Rule: ShareRule>: BudgetPolicy {
  private let rule: Rule
  private let rules: BudgetRules
  private let funnel: SalesFunnel
  private var observed: ObservedAds
  private var current: [AdID: Int64] = [:]
  private var dayCount: UInt64 = 0

  init(_ rule: Rule, funnel: SalesFunnel, rules: BudgetRules) {
    self.rule = rule
    self.rules = rules
    self.funnel = funnel
    observed = ObservedAds(funnel: funnel)
  }

  mutating func budgets(on day: PolicyDay) throws(SelectionError) -> [AdID: Int64] {
    let active = try day.activeAds(minimumBudget: rules.minimumBudget)
    observed.take(day)
    dayCount += 1
    var stream = RandomStream(seed: rules.seed &+ dayCount)
    let market = ObservedMarket(
      ads: active.map { observed.totals(of: $0, now: day.now) },
      budget: Double(day.totalBudget) / Double(rules.currency.minorUnitsPerMajor), funnel: funnel)
    let bounds = active.map {
      BudgetBounds(
        current: Double(current[$0] ?? 0), minimum: rules.minimumBudget, total: day.totalBudget,
        maximumChange: rules.maximumDailyChange)
    }
    let shares = rule.shares(in: market, &stream)
    let amounts = BudgetAllocation(total: day.totalBudget, shares: shares, bounds: bounds).amounts
    current = Dictionary(uniqueKeysWithValues: zip(active, amounts))
    return current
  }
}

extension PolicyDay {
  /// The ads that take part. Throws what ``BattleHardenedSampler`` would throw on such a day.
  fileprivate func activeAds(minimumBudget: Int64) throws(SelectionError) -> [AdID] {
    let active = ads.filter(\.isActive).map(\.adID)
    guard !active.isEmpty else { throw .noAds }
    guard (1...BattleHardenedSampler.largestTotal).contains(totalBudget) else { throw .totalOutOfRange(totalBudget) }
    var seen = Set<AdID>()
    for ad in active where !seen.insert(ad).inserted { throw .duplicateAd(ad) }
    let required = minimumBudget * Int64(active.count)
    guard required <= totalBudget else { throw .minimumBudgetsExceedTotal(required: required, total: totalBudget) }
    return active
  }
}
