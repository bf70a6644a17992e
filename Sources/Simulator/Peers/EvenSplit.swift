import DecisionEngine

/// The same for every ad: what an advertiser does who lets no figure decide.
struct EvenSplit: ShareRule {
  func shares(in market: ObservedMarket, _ stream: inout RandomStream) -> [Double] {
    market.ads.map { _ in 1 }
  }
}
