import DecisionEngine

/// Most to the ad with the best synthetic revenue for each unit of spend, a tenth evenly to all.
///
/// Source: P. Auer, N. Cesa-Bianchi, P. Fischer, "Finite-time Analysis of the Multiarmed Bandit Problem", Machine
/// Learning 47 (2002), with a constant epsilon.
struct EpsilonGreedy: ShareRule {
  private static let epsilon = 0.1

  func shares(in market: ObservedMarket, _ stream: inout RandomStream) -> [Double] {
    let means = SyntheticRevenueBelief.beliefs(in: market).map(\.mean)
    let best = Plays.best(means)
    return means.indices.map { Self.epsilon / Double(means.count) + ($0 == best ? 1 - Self.epsilon : 0) }
  }
}
