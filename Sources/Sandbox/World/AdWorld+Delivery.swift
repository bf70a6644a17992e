import DecisionEngine
import Simulator
import Values

extension AdWorld {
  /// Shows ads for half an hour: each budget pays for the ads that run below it.
  mutating func deliver(_ step: Int64) {
    let start = Instant(seconds: step * Self.stepSeconds)
    let local = calendar.local(start)
    let today = local.utcDay
    let moment = Moment(
      step: step, start: start, day: today.daysSinceEpoch - firstDay.daysSinceEpoch, today: today,
      share: Self.share(ofHour: Int((local.seconds - Int64(today.daysSinceEpoch) * 86_400) / 3_600))
    )
    if preparedDay != moment.day { prepare(moment) }
    for position in campaigns.indices where campaigns[position].budget != nil {
      let running = campaigns[position].adSets.flatMap { runningAds(of: $0) }
      spend(.campaign(position), on: running, moment)
    }
    for position in adSets.indices where budget(ofAdSet: position) == .adSet(position) {
      spend(.adSet(position), on: runningAds(of: position), moment)
    }
  }

  /// A step, and where it lies in the account's day.
  struct Moment {
    let step: Int64
    let start: Instant
    /// The day of the world, from 0.
    let day: Int
    let today: CalendarDay
    /// Which part of a usual day's spend falls into it.
    let share: Double
  }

  /// How much is spent in each hour of the day, beside the mean.
  private static let hours = [
    0.5, 0.35, 0.25, 0.2, 0.2, 0.3, 0.55, 0.8, 1.0, 1.1, 1.15, 1.2, 1.25, 1.2, 1.15, 1.1, 1.15,
    1.25, 1.4, 1.6, 1.75,
    1.65,
    1.2, 0.85,
  ]

  private static func share(ofHour hour: Int) -> Double {
    hours[min(max(hour, 0), 23)] / hours.reduce(0, +) * Double(stepSeconds) / 3_600
  }

  /// Begins a day: launches ads and weighs those there are.
  ///
  /// Meta prefers the ads of an ad set that are clicked, more than in proportion, and with moods of a day.
  private mutating func prepare(_ moment: Moment) {
    preparedDay = moment.day
    launch(day: moment.day, at: max(moment.start, beginning))
    for position in ads.indices {
      var stream = RandomStream(
        seed: settings.seed, name: "weight:\(ads[position].head.id):\(moment.day)")
      let rate = ads[position].market.clickRate(shown: ads[position].shown, in: settings.market)
      ads[position].weight = rate * rate * PortableMath.exp(Self.mood * stream.nextNormal())
      ads[position].uncharged = 0
      ads[position].grow(to: moment.day)
    }
  }

  private static let mood = 0.3

  private func runningAds(of adSet: Int) -> [Int] {
    guard effectiveStatus(ofAdSet: adSet) == .active else { return [] }
    return adSets[adSet].ads.filter {
      ads[$0].head.status == .active && status(byReviewOf: ads[$0]) == nil
    }
  }

  private mutating func spend(_ holder: ObjectPlace, on running: [Int], _ moment: Moment) {
    let total = running.reduce(0) { $0 + ads[$1].weight }
    guard total > 0 else { return }
    let amount = Double(accrue(holder, moment))
    guard amount > 0 else { return }
    var charged: Int64 = 0
    for position in running {
      ads[position].uncharged += Int64(clamping: amount * ads[position].weight / total)
      charged += show(position, moment)
    }
    switch holder {
    case .campaign(let position): campaigns[position].budget?.charge(charged, on: moment.day)
    case .adSet(let position): adSets[position].budget?.charge(charged, on: moment.day)
    case .ad: break
    }
  }

  private mutating func accrue(_ holder: ObjectPlace, _ moment: Moment) -> Int64 {
    switch holder {
    case .campaign(let position):
      let pace = pace(of: campaigns[position].head.id, on: moment.day)
      return campaigns[position].budget?.accrue(
        share: moment.share, pace: pace, on: moment.today, of: settings.currency) ?? 0
    case .adSet(let position):
      let pace = pace(of: adSets[position].head.id, on: moment.day)
      return adSets[position].budget?.accrue(
        share: moment.share, pace: pace, on: moment.today, of: settings.currency) ?? 0
    case .ad: return 0
    }
  }

  /// What a day's spend is beside its budget: about as much, seldom over half as much again.
  private func pace(of id: String, on day: Int) -> Double {
    var stream = RandomStream(seed: settings.seed, name: "pace:\(id):\(day)")
    let pace = min(max(PortableMath.exp(0.25 * stream.nextNormal()), 0.5), 1.7)
    return settings.market.underdelivers ? pace * (0.5 + 0.5 * stream.nextUniform()) : pace
  }

  /// Shows an ad for the money that it has by now, and returns what that costs, in minor units.
  private mutating func show(_ position: Int, _ moment: Moment) -> Int64 {
    let unit = Money(minorUnits: 1, of: settings.currency).micros
    let cost = ads[position].uncharged / unit
    guard cost > 0 else { return 0 }
    var figures = ads[position].figures(on: moment.day)
    let bought = impressions(
      of: ads[position].market, from: figures.spend, to: figures.spend + cost, moment)
    // The day's impressions so far are rounded as a whole.
    let impressions = max(Int(clamping: bought.until.rounded()) - figures.impressions, 0)
    // Nothing is charged before the day's first impression.
    guard figures.impressions + impressions > 0 else { return 0 }
    ads[position].uncharged -= cost * unit
    figures.spend += cost
    figures.impressions += impressions
    expect(bought.until - bought.from, of: position, moment)
    click(position, impressions, moment, &figures)
    ads[position].shown += Double(impressions)
    ads[position].days[moment.day - ads[position].firstDay] = figures
    return cost
  }

  /// The impressions of a day before and after its spend rises, which buys ever fewer.
  private func impressions(
    of ad: SimulatedAd, from: Int64, to: Int64, _ moment: Moment
  ) -> (from: Double, until: Double) {
    // The market counts from a Monday.
    let day = moment.day + firstDay.weekdayFromMonday
    let price = market.prices[min(max(day, 0), market.prices.count - 1)]
    return (
      ad.impressions(spend: settings.marketAmount(from), price: price),
      ad.impressions(spend: settings.marketAmount(to), price: price)
    )
  }

  /// Adds the revenue that is to be expected of impressions.
  private mutating func expect(_ impressions: Double, of position: Int, _ moment: Moment) {
    let ad = ads[position].market
    let chance = ad.clickRate(shown: ads[position].shown, in: settings.market)
    let value = ad.valueOfClick(onDay: moment.day, in: settings.market)
    ads[position].expectedRevenue +=
      impressions * chance * value * settings.amountScale
      * Double(settings.currency.minorUnitsPerMajor)
  }

  /// Draws how many of the impressions are clicked, and how many clicks become leads.
  private mutating func click(
    _ position: Int, _ impressions: Int, _ moment: Moment, _ figures: inout DayFigures
  ) {
    let ad = ads[position].market
    var stream = RandomStream(seed: settings.seed, name: "\(ad.adID):\(moment.step)")
    let clicks = stream.nextBinomial(
      trials: Double(impressions),
      chance: ad.clickRate(shown: ads[position].shown, in: settings.market))
    let leads = stream.nextBinomial(
      trials: clicks, chance: ad.leadRate(onDay: moment.day, in: settings.market))
    figures.clicks += Int(clamping: clicks)
    figures.leads += Int(clamping: leads)
    for _ in 0..<Int(clamping: leads) {
      let second = Int64(clamping: stream.nextUniform() * Double(Self.stepSeconds))
      addDeal(of: position, at: moment.start.adding(seconds: second))
    }
  }

  /// Makes a lead a deal whose whole way is drawn now, and happens as time passes.
  private mutating func addDeal(of position: Int, at instant: Instant) {
    ads[position].leadCount += 1
    dealCount += 1
    for event in market.events(
      ofDeal: ads[position].leadCount, by: ads[position].market, createdAt: instant)
    {
      let amount = event.amount.map(settings.minorUnits)
      ads[position].eventualRevenue += amount ?? 0
      upcoming[Self.step(of: event.occurredAt), default: []].append(
        DealHappening(
          deal: dealCount, ad: position, isAttributed: event.adID != nil, move: event.move,
          at: event.occurredAt,
          amount: amount))
    }
  }
}
