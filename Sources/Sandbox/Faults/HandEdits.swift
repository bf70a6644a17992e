import DecisionEngine
import Values

/// People who change budgets, and pause and activate ads, in Ads Manager, at instants determined by the seed.
struct HandEdits: Sendable {
  let seed: UInt64
  /// The probability of an edit on a day, 0 to 1.
  var rate: Double

  /// The instant of a day's edit, within working hours; nil for a day without one.
  func moment(of day: Int, in world: AdWorld) -> Instant? {
    var stream = RandomStream(seed: seed, name: "hand edit:\(day)")
    guard stream.nextUniform() < rate else { return nil }
    let start = world.calendar.start(of: world.firstDay.adding(days: day))
    return start.adding(seconds: Int64(clamping: (9 + 8 * stream.nextUniform()) * 3_600))
  }

  /// The first edit after one instant and up to another.
  func next(after: Instant, until: Instant, in world: AdWorld) -> Instant? {
    guard rate > 0, after < until else { return nil }
    for day in world.day(of: after)...world.day(of: until) {
      if let moment = moment(of: day, in: world), moment > after, moment <= until { return moment }
    }
    return nil
  }

  /// Makes the edit of an instant: a budget changes by up to half, or an ad is paused or activated.
  func make(at moment: Instant, in world: inout AdWorld) {
    var stream = RandomStream(seed: seed, name: "hand edit at:\(moment.seconds)")
    let pick = stream.nextUniform()
    if stream.nextUniform() < 0.6 {
      let holders = world.budgetHolders
      let (id, budget) = holders[
        min(Int(clamping: pick * Double(holders.count)), holders.count - 1)]
      let factors = [0.5, 0.8, 1.25, 1.5]
      let factor = factors[min(Int(clamping: stream.nextUniform() * 4), 3)]
      let amount = max(
        Int64(clamping: (Double(budget) * factor).rounded()), world.settings.minimumBudget)
      // A person's change is refused for the same reasons as a program's; it then has no effect.
      try? world.change(id, [.dailyBudget(amount)], by: .person, at: moment)
    } else {
      let ads = world.ads.filter { !EffectiveStatus($0.head.status).isGone }
      guard !ads.isEmpty else { return }
      let ad = ads[min(Int(clamping: pick * Double(ads.count)), ads.count - 1)]
      let status: ConfiguredStatus = ad.head.status == .active ? .paused : .active
      try? world.change(ad.head.id, [.status(status)], by: .person, at: moment)
    }
  }
}

extension AdWorld {
  /// The campaigns and ad sets that have budgets, with their amounts in minor units; never empty.
  var budgetHolders: [(id: String, daily: Int64)] {
    let ofCampaigns = campaigns.compactMap { campaign in
      campaign.budget.map { (campaign.head.id, $0.daily) }
    }
    let ofAdSets = adSets.indices.compactMap { position in
      budget(at: .adSet(position)).map { (adSets[position].head.id, $0.daily) }
    }
    return ofCampaigns + ofAdSets
  }
}
