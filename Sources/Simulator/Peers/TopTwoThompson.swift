import DecisionEngine

/// Top-two Thompson sampling on synthetic revenue: every other play goes to the ad that comes out best when the best
/// one is left aside, so that the runner-up is learnt about as well.
///
/// Source: D. Russo, "Simple Bayesian Algorithms for Best-Arm Identification", COLT (2016).
struct TopTwoThompson: ShareRule {
  /// Chance that a play goes to the best draw; the source's usual figure.
  private static let chanceOfBest = 0.5
  /// How often a second best is looked for before the best gets the play after all.
  private static let attempts = 20

  func shares(in market: ObservedMarket, _ stream: inout RandomStream) -> [Double] {
    let beliefs = SyntheticRevenueBelief.beliefs(in: market)
    var plays = Plays(ads: beliefs.count)
    for _ in 0..<Plays.count {
      let best = Plays.best(beliefs.map { $0.draw(&stream) })
      var pick = best
      if stream.nextUniform() < 1 - Self.chanceOfBest {
        for _ in 0..<Self.attempts where pick == best { pick = Plays.best(beliefs.map { $0.draw(&stream) }) }
      }
      plays.give(to: pick)
    }
    return plays.shares
  }
}
