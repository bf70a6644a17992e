import DecisionEngine

/// Thompson sampling on leads: each play goes to the ad with the most drawn leads for each unit of spend, whether they
/// buy or not. An ad platform that optimises for leads does the same.
///
/// Source: W. R. Thompson, Biometrika 25 (1933).
struct CostPerLead: ShareRule {
  func shares(in market: ObservedMarket, _ stream: inout RandomStream) -> [Double] {
    let leads = market.ads.reduce(0) { $0 + $1.leads }
    // The prior is one lead at the account's mean cost; one unit of spend keeps that cost above 0 before there is any
    // spend.
    let costOfALead = (market.spend + 1) / Double(leads + 1)
    let beliefs = market.ads.map { GammaBelief(shape: Double($0.leads) + 1, spend: $0.spend + costOfALead) }
    return Plays.ofBestDraws(ads: beliefs.count) { beliefs.map { $0.draw(&stream) } }
  }
}
