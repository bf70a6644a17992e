import DecisionEngine

/// UCB1 on synthetic revenue: each play goes to the ad with the largest sum of its mean, as a share of the best, and a
/// bonus for uncertainty.
///
/// Source: P. Auer, N. Cesa-Bianchi, P. Fischer, "Finite-time Analysis of the Multiarmed Bandit Problem", Machine
/// Learning 47 (2002). It is made for rewards in 0...1 that are seen at once; here a play is a piece of spend.
struct UCB1: ShareRule {
  private static let playsOfADay = 100
  /// The most plays that all spend so far counts as: rewards come in lumps of many plays, not one by one.
  private static let mostPlays = 500.0
  /// Factor of the bonus: relative means lie closer together than 0 and 1.
  private static let bonus = 0.5

  func shares(in market: ObservedMarket, _ stream: inout RandomStream) -> [Double] {
    let means = SyntheticRevenueBelief.beliefs(in: market).map(\.mean)
    let top = means.max() ?? 1
    let piece = market.budget / Double(Self.playsOfADay)
    let lump = max(market.spend / Self.mostPlays, piece)
    var counts = market.ads.map { $0.spend / lump + 0.5 }
    var plays = Plays(ads: means.count)
    for _ in 0..<Self.playsOfADay {
      let logarithm = PortableMath.log(max(counts.reduce(0, +), 2))
      let pick = Plays.best(
        means.indices.map { means[$0] / top + (2 * logarithm / counts[$0]).squareRoot() * Self.bonus })
      counts[pick] += piece / lump
      plays.give(to: pick)
    }
    return plays.shares
  }
}
