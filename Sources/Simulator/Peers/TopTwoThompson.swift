import DecisionEngine

/// Top-two Thompson sampling on synthetic revenue: every other play goes to the ad that is best when the best one is
/// excluded, so that the runner-up is learned about as well.
///
/// Source: D. Russo, "Simple Bayesian Algorithms for Best-Arm Identification", COLT (2016).
struct TopTwoThompson: ShareRule {
  /// Probability that a play goes to the best draw; the value usual in the source.
  private static let chanceOfBest = 0.5
  /// How many draws are made to find another best ad before the first one gets the play.
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
