/// Thompson sampling on sales: each play goes to the ad whose drawn revenue for each unit of spend is the best.
///
/// It counts nothing but deals that were won, and so learns only once the first have come through the funnel.
/// Source: W. R. Thompson, "On the Likelihood that One Unknown Probability Exceeds Another in View of the Evidence of
/// Two Samples", Biometrika 25 (1933).
struct ThompsonClosedDeals: ShareRule {
  func shares(in market: ObservedMarket, _ stream: inout RandomStream) -> [Double] {
    let saleValue = max(market.funnel.stages[market.funnel.stepCount].value, 1)
    let sales = market.ads.reduce(0) { $0 + $1.sales }
    // One further sale, at half of what it brings, keeps the account's rate defined before there is any.
    let spendOfASale = (market.spend + saleValue / 2) / Double(sales + 1)
    let beliefs = market.ads.map { ad in
      (
        amount: ad.sales > 0 ? ad.revenue / Double(ad.sales) : saleValue,
        rate: GammaBelief(shape: Double(ad.sales) + 1, spend: ad.spend + spendOfASale)
      )
    }
    return Plays.ofBestDraws(ads: beliefs.count) { beliefs.map { $0.amount * $0.rate.draw(&stream) } }
  }
}
