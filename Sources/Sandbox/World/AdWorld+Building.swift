import Simulator
import Values

extension AdWorld {
  /// What the numbers of campaigns, ad sets and ads begin with.
  private enum Number {
    static let campaign: Int64 = 23_850_000_000_100_001
    static let adSet: Int64 = 23_850_000_000_200_001
    static let ad: Int64 = 23_850_000_000_300_001
  }

  /// Makes campaigns, ad sets and the first ads, with the day's money split by how many ads each begins with.
  mutating func build() {
    let first = settings.market.initialAds
    let share = settings.market.dailyBudget / Double(first)
    for number in 0..<settings.campaigns {
      let head = ObjectHead(
        id: "\(Number.campaign + Int64(number))", name: "Campaign \(number + 1)", at: beginning)
      places[head.id] = .campaign(number)
      campaigns.append(Campaign(head: head))
    }
    for number in 0..<settings.adSets {
      let campaign = number % settings.campaigns
      let head = ObjectHead(
        id: "\(Number.adSet + Int64(number))", name: "Ad set \(number + 1)", at: beginning)
      places[head.id] = .adSet(number)
      campaigns[campaign].adSets.append(number)
      let budget =
        campaign == 0 ? nil : Budget(daily: self.budget(ads: adCount(number, of: first), share))
      adSets.append(
        AdSet(head: head, campaign: campaign, budget: budget, lastSignificantEdit: beginning))
    }
    let inFirst = campaigns[0].adSets.reduce(0) { $0 + adCount($1, of: first) }
    campaigns[0].budget = Budget(daily: budget(ads: inFirst, share))
    launch(day: day(of: beginning), at: beginning)
  }

  /// How many of the first ads an ad set gets: they are dealt out one by one.
  private func adCount(_ adSet: Int, of ads: Int) -> Int {
    ads / settings.adSets + (adSet < ads % settings.adSets ? 1 : 0)
  }

  private func budget(ads: Int, _ share: Double) -> Int64 {
    max(settings.minorUnits(Double(ads) * share), settings.minimumBudget)
  }

  /// Launches the market's ads whose day has come, each in the next ad set that is still there.
  mutating func launch(day: Int, at instant: Instant) {
    while launched < market.ads.count, market.ads[launched].launchDay <= day {
      let ad = market.ads[launched]
      let candidates = (0..<settings.adSets).map { (launched + $0) % settings.adSets }
      launched += 1
      guard
        let adSet = candidates.first(where: {
          !EffectiveStatus(adSets[$0].head.status).isGone && adSets[$0].ads.count < Self.adsPerAdSet
        })
      else { continue }
      add(ad, named: "Ad \(launched)", to: adSet, day: day, at: instant)
    }
  }

  /// As many ads an ad set may have.
  static let adsPerAdSet = 50

  /// The number that the next ad gets.
  var nextAdID: String { "\(Number.ad + Int64(ads.count))" }

  /// Adds an ad to an ad set, which learns anew from then on.
  mutating func add(
    _ ad: SimulatedAd, named name: String, to adSet: Int, day: Int, at instant: Instant
  ) {
    let position = ads.count
    let head = ObjectHead(id: nextAdID, name: name, at: instant)
    places[head.id] = .ad(position)
    ads.append(Ad(head: head, adSet: adSet, market: ad, firstDay: day))
    adSets[adSet].ads.append(position)
    adSets[adSet].lastSignificantEdit = instant
  }
}
