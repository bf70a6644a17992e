import DecisionEngine
import Values

/// A run through a world, day by day.
package struct SimulationRun: Sendable {
  package let world: SimulatedWorld
  /// The present day, from 0.
  package private(set) var day = 0
  /// Expected revenue of each day's spend, once all its deals have closed, in major units.
  ///
  /// It is an expectation, so that a policy's result does not depend on which deals happen to be won.
  package private(set) var revenue: [Double] = []
  /// Each day's budgets of the ads that ran, in the order of their launch, in major units.
  package private(set) var budgets: [[Double]] = []
  /// Impressions of each ad so far.
  private var shown: [Double]
  private var leadCounts: [Int]
  /// What will become known, by the day on which it happens or is reported.
  private var upcomingDeals: [Int: [DealEvent]] = [:]
  private var upcomingReports: [Int: [AdDay]] = [:]

  /// Stands on the first day.
  init(_ world: SimulatedWorld) {
    self.world = world
    shown = Array(repeating: 0, count: world.ads.count)
    leadCounts = Array(repeating: 0, count: world.ads.count)
  }

  /// Lets a policy spend every day of a world. Throws what the policy throws.
  package init(through world: SimulatedWorld, by policy: any BudgetPolicy) throws(SelectionError) {
    self.init(world)
    var policy = policy
    while !isOver {
      spend(try policy.budgets(on: observe()))
    }
  }

  /// Whether all days have been spent.
  var isOver: Bool { day >= world.parameters.days }

  /// The ads that run on the current day, as indices into the world's ads.
  var running: Range<Int> { 0..<world.adCount(on: day) }

  /// Expected revenue of an ad's next impression, in major units.
  func valueOfImpression(_ index: Int) -> Double {
    let ad = world.ads[index]
    return ad.clickRate(shown: shown[index], in: world.parameters) * ad.valueOfClick(onDay: day, in: world.parameters)
  }

  /// What became known since the last call.
  private mutating func observe() -> PolicyDay {
    let deals = upcomingDeals.removeValue(forKey: day - 1) ?? []
    return PolicyDay(
      now: SimulatedWorld.start(of: day), totalBudget: world.totalBudget,
      ads: world.ads[running].map {
        AdListing(adID: $0.adID, launchedAt: SimulatedWorld.start(of: $0.launchDay), isActive: true)
      },
      metrics: upcomingReports.removeValue(forKey: day - 1) ?? [],
      deals: deals.sorted { $0.occurredAt < $1.occurredAt })
  }

  /// Spends the current day's budgets (minor units) and moves on to the next day. An ad without an entry gets nothing.
  mutating func spend(_ amounts: [AdID: Int64]) {
    let budgets = running.map { Double(amounts[world.ads[$0].adID] ?? 0) / SimulatedWorld.minorUnits }
    revenue.append(running.reduce(0) { $0 + show($1, budget: budgets[$1]) })
    self.budgets.append(budgets)
    day += 1
  }

  /// Shows an ad for `budget` major units and returns the expected revenue of that.
  private mutating func show(_ index: Int, budget: Double) -> Double {
    let (ad, parameters) = (world.ads[index], world.parameters)
    var stream = RandomStream(seed: world.seed, name: "\(ad.adID):\(day)")
    var spend = budget
    if parameters.underdelivers { spend *= 0.5 + 0.5 * stream.nextUniform() }
    spend = (spend * SimulatedWorld.minorUnits).rounded(.down) / SimulatedWorld.minorUnits
    let bought = ad.impressions(spend: spend, price: world.prices[day])
    let expected = bought * valueOfImpression(index)
    let impressions = bought.rounded()
    let clicks = stream.nextBinomial(
      trials: impressions, chance: ad.clickRate(shown: shown[index], in: parameters))
    let leads = stream.nextBinomial(trials: clicks, chance: ad.leadRate(onDay: day, in: parameters))
    shown[index] += impressions
    report(ad, spend: spend, impressions: impressions, clicks: clicks, leads: leads)
    for _ in 0..<Int(clamping: leads) {
      let second = Int64(clamping: stream.nextUniform() * Self.leadSeconds)
      addDeal(index, createdAt: SimulatedWorld.start(of: day).adding(seconds: second))
    }
    return expected
  }

  /// The seconds of a day in which leads arrive: none in its last minutes.
  private static let leadSeconds = 86_000.0
  /// What share of a day's figures the platform has reported after how many days, where it restates.
  private static let restatements: [(after: Int, share: Double)] = [(0, 0.8), (1, 0.93), (3, 1)]

  private mutating func report(_ ad: SimulatedAd, spend: Double, impressions: Double, clicks: Double, leads: Double) {
    for (after, share) in world.parameters.restates ? Self.restatements : [(0, 1)] {
      let known = (spend * share * SimulatedWorld.minorUnits).rounded() / SimulatedWorld.minorUnits
      upcomingReports[day + after, default: []].append(
        AdDay(
          adID: ad.adID, day: SimulatedWorld.firstDay.adding(days: day), spend: known,
          impressions: Int(clamping: impressions * share), clicks: Int(clamping: clicks * share),
          leads: Int(clamping: leads * share)))
    }
  }

  private mutating func addDeal(_ index: Int, createdAt: Instant) {
    leadCounts[index] += 1
    for event in world.events(ofDeal: leadCounts[index], by: world.ads[index], createdAt: createdAt) {
      let day = event.occurredAt.utcDay.daysSinceEpoch - SimulatedWorld.firstDay.daysSinceEpoch
      upcomingDeals[day, default: []].append(event)
    }
  }
}
