import DecisionEngine

/// Thompson sampling on synthetic revenue: each play goes to the ad whose drawn revenue, with open deals at the value
/// of the stage they stand in, is the best for each unit of spend.
///
/// Source: W. R. Thompson, Biometrika 25 (1933).
struct ThompsonSyntheticRevenue: ShareRule {
  func shares(in market: ObservedMarket, _ stream: inout RandomStream) -> [Double] {
    let beliefs = SyntheticRevenueBelief.beliefs(in: market)
    return Plays.ofBestDraws(ads: beliefs.count) { beliefs.map { $0.draw(&stream) } }
  }
}
