import DecisionEngine
import Simulator
import Values

/// What a policy earns in `simulate`, where it sets the budget of every ad itself, in the market of a made-up world.
struct SimulatedGain {
  /// Revenue to expect of the policy's spend, as a multiple of what the even split's would bring, smallest first: one
  /// for each of many markets.
  let multiples: [Double]

  /// Plays so many days of `market` after `history` days whose revenue does not count, with as many seeds.
  init(
    of policy: PolicyName, in market: WorldParameters, history: Int, days: Int, seeds: ClosedRange<UInt64>
  ) throws {
    var market = market
    market.days = history + days
    multiples = try seeds.map { seed in
      let world = try SimulatedWorld(market, seed: seed)
      let rules = BudgetRules(seed: seed)
      let revenue = try [policy, .evenSplit].map { name in
        try SimulationRun(through: world, by: name.make(funnel: world.funnel, rules: rules))
          .revenue.dropFirst(history).reduce(0, +)
      }
      return revenue[0] / revenue[1]
    }.sorted()
  }

  /// The multiple that a share of the markets does not reach, 0 to 1.
  func quantile(_ share: Double) -> Double {
    multiples[min(Int(clamping: share * Double(multiples.count)), multiples.count - 1)]
  }
}
