import Values

extension ChangePlanner {
  /// Pauses ads that share their budget with better ones and earn less than the account's next unit of spend does
  /// elsewhere. The platform alone splits a budget over the ads that it pays for, by what is clicked: a smaller budget
  /// would take from the good ads as well.
  ///
  /// An ad is paused where its mean return, raised by half of what is not known of it, lies under what one more unit
  /// returns over the whole split: decisions play out half of what is not known, too. The ad with the best mean of a
  /// budget stays.
  mutating func pauseOutearnedAds() {
    guard let level = request.split?.marginalReturn else { return }
    for (holder, ads) in sharedBudgets() {
      let best = ads.max { ($0.outlook.average, $1.ad.id) < ($1.outlook.average, $0.ad.id) }
      for (ad, outlook) in ads where ad.id != best?.ad.id && outlook.averageWithHalfOfLuck < level {
        let before = plan.changes.count
        propose(
          .pause,
          WantedChange(
            .pause, ad.id, origin: .decision,
            reason: "\(returns(1)) spent on ad \(ad.id) bring \(returns(outlook.average)), or "
              + "\(returns(outlook.averageWithHalfOfLuck)) if half of what is not known turns out well, and as much more "
              + "over all ads brings \(returns(level)); the other ads of \(holder.title) get its share",
            outlook: outlook))
        if plan.changes.count > before { outearned.insert(ad.id) }
      }
    }
  }

  /// Budgets that pay for several ads of the split of which the return is known, by the holder's id.
  private func sharedBudgets() -> [(holder: LiveObject, ads: [(ad: DecidedAd, outlook: AdReturn)])] {
    var shared: [ObjectID: (holder: LiveObject, ads: [(ad: DecidedAd, outlook: AdReturn)])] = [:]
    for ad in (request.split?.ads ?? []).sorted(by: { $0.id < $1.id }) {
      guard let outlook = ad.outlook, checker.account.delivers(ad.id), let holder = try? holder(of: ad.id) else {
        continue
      }
      shared[holder.id, default: (holder, [])].ads.append((ad, outlook))
    }
    return shared.values.filter { $0.ads.count > 1 }.sorted { $0.holder.id < $1.holder.id }
  }

  /// What 100 major units bring at a return of `rate`.
  private func returns(_ rate: Double) -> String {
    text(Int64(clamping: (100 * Double(checker.currency.minorUnitsPerMajor) * rate).rounded()))
  }
}

extension DecidedSplit {
  /// What one more unit returns, the ads weighed by their budgets; nil where no ad's return is known.
  var marginalReturn: Double? {
    let known = ads.compactMap { ad in ad.outlook.map { (weight: Double(max(ad.budget, 1)), rate: $0.marginal) } }
    let all = known.reduce(0) { $0 + $1.weight }
    return all > 0 ? known.reduce(0) { $0 + $1.rate * ($1.weight / all) } : nil
  }
}

extension AdReturn {
  /// The middle, by ratio, between the mean and the upper end of its range.
  fileprivate var averageWithHalfOfLuck: Double { (average * averageHigh).squareRoot() }
}
