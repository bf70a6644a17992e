import DecisionEngine

/// What several peers believe about each ad's synthetic revenue for each unit of spend.
enum SyntheticRevenueBelief {
  /// How many deals of mean value carry as much evidence as one Poisson event: the values of deals vary, and most will
  /// still rise or fall, so that their sum varies more than a count.
  private static let dealsOfAnEvent = 4.0

  /// The belief about each ad, in events of equal value. The prior is one event at the account's mean rate.
  static func beliefs(in market: ObservedMarket) -> [GammaBelief] {
    let value = max(market.ads.reduce(0) { $0 + $1.syntheticRevenue }, 0)
    let deals = market.ads.reduce(0) { $0 + $1.deals }
    let dealValue = deals > 0 ? max(value, 1) / Double(deals) : 1
    let eventValue = dealValue * dealsOfAnEvent
    let spendOfAnEvent = (market.spend + 1) / (value + dealValue)
    return market.ads.map { ad in
      GammaBelief(
        shape: max(ad.syntheticRevenue, 0) / eventValue + 1, spend: ad.spend / eventValue + spendOfAnEvent)
    }
  }
}
