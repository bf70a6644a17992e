import DecisionEngine
import Simulator
import Values

/// What a policy earns in `simulate`, where it sets the budget of every ad itself, in the market of a made-up world.
struct SimulatedGain {
  /// Revenue to expect of the policy's spend, as a multiple of what the even split's would bring, smallest first: one
  /// for each of several seeds of the policy's draws.
  let multiples: [Double]

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
    multiples = try (1...UInt64(draws)).map { try revenue(policy, $0) / even }.sorted()
  }
}
