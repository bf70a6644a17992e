import DecisionEngine
import Values

/// The reference system, day by day: ``BattleHardenedSampler`` on each ad's lifetime totals.
struct BattleHardenedPolicy: BudgetPolicy {
  private let sampler: BattleHardenedSampler
  private let rules: BudgetRules
  private var observed: ObservedAds
  private var current: [AdID: Int64] = [:]
  private var dayCount: UInt64 = 0

  init(funnel: SalesFunnel, rules: BudgetRules) {
    self.rules = rules
    sampler = BattleHardenedSampler(
      configuration: SamplerConfiguration(maxDailyChange: rules.maximumDailyChange, currency: rules.currency))
    observed = ObservedAds(funnel: funnel)
  }

  mutating func budgets(on day: PolicyDay) throws(SelectionError) -> [AdID: Int64] {
    observed.take(day)
    dayCount += 1
    let states = day.ads.filter(\.isActive).compactMap { state(of: $0.adID, now: day.now) }
    let selection = try sampler.select(from: states, totalBudget: day.totalBudget, seed: rules.seed &+ dayCount)
    current = [:]
    for item in selection.recommendations { current[item.ad.adID] = item.recommendedBudget }
    return current
  }

  /// An ad's totals for the sampler, clamped to what a state allows so that none is refused: subtracting a restated day
  /// from a floating-point sum may leave a tiny negative number, and a platform may restate impressions before clicks.
  private func state(of adID: AdID, now: Instant) -> AdState? {
    guard let account = AccountID("simulation") else { return nil }
    let totals = observed.totals(of: adID, now: now)
    let impressions = max(totals.impressions, 0)
    return try? AdState(
      accountID: account, adID: adID, impressions: impressions, clicks: min(max(totals.clicks, 0), impressions),
      spend: max(totals.spend, 0), pipelineValue: max(totals.syntheticRevenue, 0),
      cashRevenue: max(totals.revenue, 0), ageHours: max(now.hours(since: totals.launchedAt), 0),
      statedDailyBudget: current[adID].map { Double($0) / Double(rules.currency.minorUnitsPerMajor) })
  }
}
