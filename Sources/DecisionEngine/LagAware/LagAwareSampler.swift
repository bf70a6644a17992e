import Values

public struct LagAwareConfiguration: Hashable, Sendable {
  /// How much of the uncertainty is explored, in 0...1: 0 relies on expectations, 1 is Thompson sampling.
  public var exploration: Double
  /// The returns below and above which an ad is judged `kill` or `scale`, and the spend that a judgement needs.
  public var thresholds: DecisionThresholds
  /// The largest change of a daily budget as a share of itself; nil for no limit.
  public var maxDailyChange: Double?
  /// The currency of every amount.
  public var currency: Currency
  /// What is believed before the account's own data count.
  public var prior: FieldPrior
  /// Whether the configured stage values determine how often deals go on, whatever history shows.
  public var trustsStageValues: Bool

  /// The exploration that earned most in simulation without starving winners: see docs/decision-quality.md.
  public static let standardExploration = 0.5

  public init(
    exploration: Double = standardExploration, thresholds: DecisionThresholds = DecisionThresholds(),
    maxDailyChange: Double? = 0.5, currency: Currency = .usd, prior: FieldPrior = FieldPrior(),
    trustsStageValues: Bool = false
  ) {
    self.exploration = exploration
    self.thresholds = thresholds
    self.maxDailyChange = maxDailyChange
    self.currency = currency
    self.prior = prior
    self.trustsStageValues = trustsStageValues
  }

  /// The least daily budget of an ad, in minor units: 1 major unit.
  public var minimumBudget: Int64 { currency.minorUnitsPerMajor }
}

/// The `lag_aware` policy: estimates for each ad the future revenue that its clicks, leads and deals imply, including
/// deals that may still move, and splits the budget so that the next unit earns the same everywhere.
public struct LagAwareSampler: Sendable {
  /// The name of the policy in requests and commands.
  public static let policyName = "lag_aware"

  /// The settings.
  public let configuration: LagAwareConfiguration
  public let version: PolicyVersion

  /// How many draws from the beliefs are averaged for a split. With more, regret falls little while time grows.
  private static let drawCount = 64
  /// An ad that may well deserve a tenth of the budget keeps this share: from a smaller one, with a limit on daily
  /// changes, it could not grow back in time.
  private static let probationShare = 0.03
  /// How probable it must be that the ad deserves a tenth.
  private static let probationChance = 0.15
  private static let worthyShare = 0.1

  /// Makes a sampler with the account's settings; an older `version` replays old decisions.
  public init(configuration: LagAwareConfiguration, version: PolicyVersion = .current) {
    self.configuration = configuration
    self.version = version
  }

  /// Splits `totalBudget` (minor units) over `ads`, based on `tallies` as of `now`.
  ///
  /// `currentBudgets` are daily budgets in minor units; an ad without one is new, and no change limit applies to it.
  /// The same arguments give the same result, bit for bit, on every machine.
  public func select(
    _ ads: [AdID], _ tallies: FunnelTallies, currentBudgets: [AdID: Double], now: Instant, totalBudget: Int64,
    seed: UInt64
  ) throws(SelectionError) -> LagAwareSelection {
    try check(ads, totalBudget: totalBudget)
    let beliefs = AccountBeliefs(
      of: ads, tallies, now: now, share: evenShare(totalBudget, ads.count), prior: configuration.prior,
      trustsStageValues: configuration.trustsStageValues)
    return split(ads, beliefs, ads.map { currentBudgets[$0] ?? 0 }, totalBudget, seed, ground: .history)
  }

  /// Splits `totalBudget` (minor units) over ads of which only totals are known. `saleValue` is the revenue of a sale,
  /// in major units, above 0.
  public func select(
    fromTotals states: [AdState], saleValue: Double, totalBudget: Int64, seed: UInt64
  ) throws(SelectionError) -> LagAwareSelection {
    let ads = states.map(\.adID)
    try check(ads, totalBudget: totalBudget)
    let beliefs = AccountBeliefs(
      ofTotals: states, saleValue: saleValue, share: evenShare(totalBudget, ads.count), prior: configuration.prior)
    let current = states.map { $0.currentDailyBudget * Double(configuration.currency.minorUnitsPerMajor) }
    return split(ads, beliefs, current, totalBudget, seed, ground: .totals)
  }

  private func evenShare(_ total: Int64, _ count: Int) -> Double {
    Double(total) / Double(configuration.currency.minorUnitsPerMajor) / Double(count)
  }

  private func check(_ ads: [AdID], totalBudget: Int64) throws(SelectionError) {
    guard !ads.isEmpty else { throw .noAds }
    guard (1...BattleHardenedSampler.largestTotal).contains(totalBudget) else { throw .totalOutOfRange(totalBudget) }
    var seen = Set<AdID>(minimumCapacity: ads.count)
    for ad in ads where !seen.insert(ad).inserted { throw .duplicateAd(ad) }
    let required = configuration.minimumBudget * Int64(ads.count)
    guard required <= totalBudget else { throw .minimumBudgetsExceedTotal(required: required, total: totalBudget) }
  }

  private func split(
    _ ads: [AdID], _ beliefs: AccountBeliefs, _ current: [Double], _ total: Int64, _ seed: UInt64,
    ground: LagAwareSelection.Ground
  ) -> LagAwareSelection {
    let bounds = current.map {
      BudgetBounds(
        current: $0, minimum: configuration.minimumBudget, total: total, maximumChange: configuration.maxDailyChange)
    }
    let gives = version == .two && bounds.reduce(0) { $0 + Double($1.lower) } > Double(total)
    // Where lower bounds are reduced, the split that the policy would make without them tells which ads shrink anyway.
    let least = bounds.map { Double(gives ? $0.minimum : $0.lower) }
    let draws = played(ads, beliefs.ads, (lower: least, upper: bounds.map { Double($0.upper) }), Double(total), seed)
    let wanted = draws.map { draw in
      let keeps = draw.worthyChance >= Self.probationChance
      return max(draw.budget.finite, keeps ? Self.probationShare * Double(total) : 1e-6)
    }
    let unit = Double(configuration.currency.minorUnitsPerMajor)
    let allocation = BudgetAllocation(
      total: total, shares: wanted, bounds: bounds, giveWayFirst: gives ? beliefs.ads.map { isKilled($0, unit) } : [],
      version: version)
    let recommendations = ads.indices.map { index in
      LagAwareRecommendation(
        adID: ads[index], outlook: AdOutlook(beliefs.ads[index], budget: Double(allocation.amounts[index]) / unit),
        thresholds: configuration.thresholds, worthyChance: draws[index].worthyChance,
        onProbation: draws[index].budget < wanted[index] && wanted[index] > 1, currentBudget: current[index],
        wantedBudget: wanted[index], bounds: bounds[index], recommendedBudget: allocation.amounts[index],
        bindingConstraint: allocation.holds[index])
    }
    return LagAwareSelection(
      version: version, ground: ground, totalBudget: total, seed: seed, funnel: beliefs.funnel,
      recommendations: recommendations, shortfall: allocation.shortfall)
  }

  /// Whether the ad is judged `kill` whatever its budget; with a smaller budget each unit returns more.
  private func isKilled(_ belief: AdBelief, _ unit: Double) -> Bool {
    AdOutlook(belief, budget: Double(configuration.minimumBudget) / unit)
      .judgement(by: configuration.thresholds) == .kill
  }

  private struct Played {
    var budget = 0.0
    var worthyChance = 0.0
  }

  /// The mean split over draws from the beliefs, and how often each ad would get a tenth without bounds.
  ///
  /// A draw keeps each ad's expectation and explores only a part of the uncertainty.
  private func played(
    _ ads: [AdID], _ beliefs: [AdBelief], _ bounds: (lower: [Double], upper: [Double]), _ total: Double,
    _ seed: UInt64
  ) -> [Played] {
    let unit = Double(configuration.currency.minorUnitsPerMajor)
    let played = min(max(configuration.exploration, 0), 1)
    let scales = beliefs.map { $0.curve.scale * unit }
    let largest = beliefs.reduce(-Double.infinity) { max($0, $1.worth.mean) }
    let (none, all) = (ads.map { _ in 0.0 }, ads.map { _ in total })
    var streams = ads.map { RandomStream(seed: seed, name: $0.value) }
    var result = Array(repeating: Played(), count: ads.count)
    var (drawn, kept) = (scales, scales)
    for _ in 0..<Self.drawCount {
      for index in beliefs.indices {
        let worth = beliefs[index].worth
        let swing = worth.variance.squareRoot() * streams[index].nextNormal()
        drawn[index] = PortableMath.exp(worth.mean - largest + swing)
        kept[index] = PortableMath.exp(
          worth.mean - largest + (1 - played * played) * worth.variance / 2 + played * swing)
      }
      let split = WaterFilling(total: total, values: kept, scales: scales, lower: bounds.lower, upper: bounds.upper)
        .budgets
      let free = WaterFilling(total: total, values: drawn, scales: scales, lower: none, upper: all).budgets
      for index in beliefs.indices {
        result[index].budget += split[index] / Double(Self.drawCount)
        if free[index] >= Self.worthyShare * total { result[index].worthyChance += 1 / Double(Self.drawCount) }
      }
    }
    return result
  }
}
