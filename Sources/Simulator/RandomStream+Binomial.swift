import DecisionEngine

extension RandomStream {
  /// How many of `trials` (whole, 0 or more) succeed at `chance` each.
  ///
  /// Exact by waiting times below 40 expected successes; above, the normal approximation, rounded.
  /// Source: L. Devroye, "Non-Uniform Random Variate Generation" (1986), section X.4.
  package mutating func nextBinomial(trials: Double, chance: Double) -> Double {
    let chance = min(chance, 1)
    let mean = trials * chance
    if mean > 40 {
      let draw = mean + (mean * (1 - chance)).squareRoot() * nextNormal()
      return min(max(draw.rounded(), 0), trials)
    }
    guard chance > 0 else { return 0 }
    let log = PortableMath.log(1 - min(chance, 0.999999))
    var count = 0.0
    var position = 0.0
    while true {
      position += (PortableMath.log(nextUniform()) / log).rounded(.down) + 1
      if position > trials { return count }
      count += 1
    }
  }
}
