import DecisionEngine

/// Thompson sampling on sales: each play goes to the ad with the most drawn sales for each unit of spend.
///
/// It counts only won deals, and so learns only once the first have come through the funnel. Their amounts are ignored:
/// those of an ad's few sales vary too much to be informative.
/// Source: W. R. Thompson, "On the Likelihood that One Unknown Probability Exceeds Another in View of the Evidence of
/// Two Samples", Biometrika 25 (1933).
struct ThompsonClosedDeals: ShareRule {
  func shares(in market: ObservedMarket, _ stream: inout RandomStream) -> [Double] {
    let saleValue = max(market.funnel.stages[market.funnel.stepCount].value, 1)
    let sales = market.ads.reduce(0) { $0 + $1.sales }
    // One more sale, at half of its expected revenue, defines the account's rate before there is any sale.
    let spendOfASale = (market.spend + saleValue / 2) / Double(sales + 1)
    let beliefs = market.ads.map { GammaBelief(shape: Double($0.sales) + 1, spend: $0.spend + spendOfASale) }
    return Plays.ofBestDraws(ads: beliefs.count) { beliefs.map { $0.draw(&stream) } }
  }
}
