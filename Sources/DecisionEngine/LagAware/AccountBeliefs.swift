import Values

/// What is believed about one ad, and what that is based on.
struct AdBelief: Sendable {
  /// ln of the revenue to come, in major units, of each impression.
  let value: Belief
  let curve: SaturationModel.Curve
  let known: KnownOfAd

  /// ln of the future revenue of the first unit spent in a day.
  var worth: Belief { Belief(mean: value.mean + curve.yield, variance: value.variance) }
}

/// What an ad's data contain, and what is still open.
public struct KnownOfAd: Hashable, Sendable {
  /// Money spent on the days that are kept, in major units.
  public var spend = 0.0
  /// Times shown on those days.
  public var impressions = 0
  /// Clicks on those days.
  public var clicks = 0
  /// Deals that entered the funnel.
  public var deals = 0
  /// Deals in a stage from which they may still go on.
  public var waitingDeals = 0
  public var wonDeals = 0

  init() {}

  init(_ tally: AdTally) {
    for day in tally.days {
      spend += day.spend
      impressions += day.impressions
      clicks += day.clicks
    }
    deals = tally.steps.first?.cohorts.reduce(0) { $0 + $1.entered } ?? 0
    waitingDeals = tally.steps.reduce(0) { $0 + $1.cohorts.reduce(0) { $0 + $1.waiting } }
    wonDeals = tally.steps.last?.cohorts.reduce(0) { $0 + $1.advanced } ?? 0
  }
}

/// The beliefs about an account's ads at one moment.
struct AccountBeliefs: Sendable {
  /// In the order of the ads asked for.
  let ads: [AdBelief]
  /// What is learned about the account's funnel; nil where only totals were given.
  let funnel: LearnedFunnel?

  /// Beliefs from counts; ads that are not asked for help to estimate the others.
  init(
    of asked: [AdID], _ tallies: FunnelTallies, now: Instant, share: Double, prior: FieldPrior,
    trustsStageValues: Bool
  ) {
    let known = Set(asked)
    let others = tallies.ads.keys.filter { !known.contains($0) }.sorted()
    let pool = (asked + others).map { tallies.ads[$0] ?? AdTally(stepCount: tallies.funnel.stepCount) }
    let evidence = FunnelEvidence(
      pool, tallies, now: Double(now.seconds) / 86_400, prior: prior, trustsStageValues: trustsStageValues)
    let pooled = PooledFunnels(evidence.ads, levels: evidence.levels, prior: prior)
    let saturation = SaturationModel(pool, share: share, prior: prior)
    ads = asked.indices.map { index in
      AdBelief(value: pooled.products[index], curve: saturation.curves[index], known: KnownOfAd(pool[index]))
        .adding(amountVariance: evidence.amountVariance)
    }
    funnel = LearnedFunnel(tallies.funnel, evidence, pooled)
  }

  /// Beliefs from totals alone: no ages of deals, no stages, no days. The value in the pipeline is treated as sales of
  /// `saleValue` each.
  init(ofTotals states: [AdState], saleValue: Double, share: Double, prior: FieldPrior) {
    let evidence: [[RateEvidence]] = states.map { state in
      [
        .counts(count: Double(state.clicks), exposure: Double(state.impressions)),
        .counts(count: max(state.pipelineValue, state.cashRevenue) / saleValue, exposure: Double(state.clicks)),
      ]
    }
    let sales = FieldPrior.Normal(
      mean: prior.leadRate.mean + PortableMath.log(prior.leadToSale),
      deviation: (prior.leadRate.deviation * prior.leadRate.deviation + prior.stepDeviation * prior.stepDeviation)
        .squareRoot())
    let spread = FieldPrior.Spread(
      deviation: (prior.leadSpread.deviation * prior.leadSpread.deviation
        + prior.stepSpread.deviation * prior.stepSpread.deviation).squareRoot(), weight: prior.leadSpread.weight)
    let pooled = PooledFunnels(
      evidence,
      levels: [
        PooledFunnels.Level(mean: prior.clickRate, spread: prior.clickSpread),
        PooledFunnels.Level(mean: sales, spread: spread),
      ], prior: prior)
    let logSale = PortableMath.log(saleValue)
    ads = states.indices.map { index in
      let state = states[index]
      var known = KnownOfAd()
      (known.spend, known.impressions, known.clicks) = (state.spend, state.impressions, state.clicks)
      let yield =
        state.spend > 0 && state.impressions > 0
        ? PortableMath.log((Double(state.impressions) / state.spend).finite) : prior.impressionsPerSpend
      let product = pooled.products[index]
      return AdBelief(
        value: Belief(mean: product.mean + logSale, variance: product.variance),
        curve: SaturationModel.Curve(
          scale: max(share, 1e-6) * PortableMath.exp(prior.saturation.mean), yield: yield), known: known)
    }
    funnel = nil
  }
}

extension AdBelief {
  /// The level of deals' values is the mean of their logarithms; the mean of the values themselves is higher.
  fileprivate func adding(amountVariance: Double) -> AdBelief {
    AdBelief(
      value: Belief(mean: value.mean + amountVariance / 2, variance: value.variance), curve: curve, known: known)
  }
}
