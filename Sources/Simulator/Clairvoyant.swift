import DecisionEngine
import Values

/// The benchmark for policies: it knows what every ad's next impression is worth today, and how fast the ad saturates.
///
/// It makes the most of each single day, under the change limits that apply to every policy. It is myopic: it neither
/// spares an audience nor prepares a budget for tomorrow.
struct Clairvoyant {
  private let rules: BudgetRules
  private var current: [AdID: Int64] = [:]

  init(rules: BudgetRules) {
    self.rules = rules
  }

  /// The budgets, in minor units, of the run's present day.
  mutating func budgets(in run: SimulationRun) -> [AdID: Int64] {
    let ads = run.world.ads[run.running]
    let total = run.world.totalBudget
    let bounds = ads.map {
      BudgetBounds(
        current: Double(current[$0.adID] ?? 0), minimum: rules.minimumBudget, total: total,
        maximumChange: rules.maximumDailyChange)
    }
    let filled = WaterFilling(
      total: Double(total), values: run.running.map(run.valueOfImpression),
      scales: ads.map { $0.saturation * SimulatedWorld.minorUnits },
      lower: bounds.map { Double($0.lower) }, upper: bounds.map { Double($0.upper) })
    let shares = filled.budgets.map { max($0, Self.leastShare) }
    let amounts = BudgetAllocation(total: total, shares: shares, bounds: bounds).amounts
    current = Dictionary(uniqueKeysWithValues: zip(ads.map(\.adID), amounts))
    return current
  }

  /// An allocation's shares must be positive; this is a negligible part of a minor unit.
  private static let leastShare = 1e-6
}

extension SimulationRun {
  /// Lets the clairvoyant spend every day of a world.
  init(throughClairvoyantly world: SimulatedWorld, rules: BudgetRules) {
    self.init(world)
    var clairvoyant = Clairvoyant(rules: rules)
    while !isOver {
      spend(clairvoyant.budgets(in: self))
    }
  }
}
