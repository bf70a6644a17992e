import DecisionEngine

/// Tries policies in made-up worlds. The same arguments give the same outcomes, bit for bit, on every machine.
package enum Simulation {
  /// Lets the clairvoyant and each of `policies` spend the budget of one world, each by itself.
  ///
  /// `prior` is what `lag_aware` believes at first.
  ///
  /// The outcomes are the clairvoyant's and then the policies', in their order. Throws where there is no such world
  /// or a policy refuses a day.
  package static func run(
    world parameters: WorldParameters, seed: UInt64, policies: [PolicyName], prior: FieldPrior = FieldPrior()
  ) throws(SimulationError) -> [SimulationOutcome] {
    let world = try SimulatedWorld(parameters, seed: seed)
    var rules = BudgetRules(currency: SimulatedWorld.currency, seed: policySeed(seed))
    rules.prior = prior
    let best = SimulationRun(throughClairvoyantly: world, rules: rules)
    var outcomes = [SimulationOutcome(.clairvoyant, best, best: best)]
    for policy in policies {
      let run = try run(policy, through: world, rules)
      outcomes.append(SimulationOutcome(.policy(policy), run, best: best))
    }
    return outcomes
  }

  private static func run(
    _ policy: PolicyName, through world: SimulatedWorld, _ rules: BudgetRules
  ) throws(SimulationError) -> SimulationRun {
    do {
      return try SimulationRun(through: world, by: policy.make(funnel: world.funnel, rules: rules))
    } catch {
      throw .refused(policy, error)
    }
  }

  /// A seed of the policies' own: draws from the world's streams would tell them of its ads.
  private static func policySeed(_ seed: UInt64) -> UInt64 {
    var stream = RandomStream(seed: seed, name: "policies")
    return stream.next()
  }
}
