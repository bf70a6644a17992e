import DecisionEngine
import Simulator
import Values

/// What a policy gains in `simulate`, where it sets the budget of every ad itself, in the market of a made-up world.
struct SimulatedGain {
  /// By which share revenue to expect exceeds the even split's, smallest first: one for each of several seeds of the
  /// policy's draws.
  let shares: [Double]

  var median: Double { shares[shares.count / 2] }

  /// Plays so many days of the market with that seed, after `history` days whose revenue does not count.
  init(of policy: PolicyName, in market: WorldParameters, seed: UInt64, history: Int, days: Int, draws: Int) throws {
    var market = market
    market.days = history + days
    let world = try SimulatedWorld(market, seed: seed)
    let revenue = { (policy: PolicyName, draw: UInt64) in
      try SimulationRun(
        through: world, by: policy.make(funnel: world.funnel, rules: BudgetRules(seed: draw))
      ).revenue.dropFirst(history).reduce(0, +)
    }
    let even = try revenue(.evenSplit, 0)
    shares = try (1...UInt64(draws)).map { try revenue(policy, $0) / even - 1 }.sorted()
  }
}
