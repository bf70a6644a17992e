import DecisionEngine

/// Compares policies in simulated worlds. The same arguments give the same outcomes, bit for bit, on every machine.
package enum Simulation {
  /// Runs the clairvoyant and each of `policies` through one world, each on its own.
  ///
  /// `prior` is the initial belief of `lag_aware`.
  ///
  /// The outcomes are the clairvoyant's and then the policies', in their order. Throws where the world is impossible or
  /// a policy refuses a day.
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

  /// A separate seed for the policies: with the world's seed they would draw the same numbers as the world itself.
  private static func policySeed(_ seed: UInt64) -> UInt64 {
    var stream = RandomStream(seed: seed, name: "policies")
    return stream.next()
  }
}
