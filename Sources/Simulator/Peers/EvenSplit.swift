import DecisionEngine

/// The same for every ad: the choice of an advertiser who ignores all data.
struct EvenSplit: ShareRule {
  func shares(in market: ObservedMarket, _ stream: inout RandomStream) -> [Double] {
    market.ads.map { _ in 1 }
  }
}
