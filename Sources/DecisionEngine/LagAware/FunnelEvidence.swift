import Values

/// An account's counts as likelihoods: for each ad those of its clicks, its leads, each step and the amounts of its
/// deals.
struct FunnelEvidence {
  /// One entry for each ad, and a last one for the deals whose ad is not known.
  private(set) var ads: [[RateEvidence]]
  /// By step.
  private(set) var dynamics: [StepDynamics] = []
  /// Variance of ln of a deal's value within an ad.
  let amountVariance: Double
  let levels: [PooledFunnels.Level]

  /// After this many further clicks an impression counts half: ads wear out by being shown, not by time.
  private static let clickHalfLife = 200.0

  /// `now` is in days since 1970.
  init(_ tallies: [AdTally], _ account: FunnelTallies, now: Double, prior: FieldPrior, trustsStageValues: Bool) {
    let pool = tallies + [account.unattributed]
    let reportsLeads = tallies.contains { $0.days.contains { ($0.leads ?? 0) > 0 } }
    amountVariance = Self.amountVariance(pool.map(\.amounts), prior)
    levels = Self.levels(account.funnel, amountVariance, prior, trustsStageValues: trustsStageValues)
    ads = tallies.map { [Self.clicks($0), Self.leads($0, reportsLeads: reportsLeads)] }
    ads.append([.counts(count: 0, exposure: 0), .counts(count: 0, exposure: 0)])
    for step in 0..<account.funnel.stepCount { addStep(step, pool, account, now, prior) }
    for index in pool.indices {
      let amounts = pool[index].amounts
      ads[index].append(
        .normals(count: Double(amounts.count), sum: Double(amounts.logs) / 1e6, variance: amountVariance))
    }
  }

  private mutating func addStep(
    _ step: Int, _ pool: [AdTally], _ account: FunnelTallies, _ now: Double, _ prior: FieldPrior
  ) {
    // Half a day: deals enter at any hour of their day.
    let age = { (day: Int) in max(now - Double(day) - 0.5, 0) }
    var sums: [Int: StageTally.Cohort] = [:]
    for ad in pool {
      for cohort in ad.steps[step].cohorts {
        sums[cohort.day, default: StageTally.Cohort(day: cohort.day)].waiting += cohort.waiting
        sums[cohort.day, default: StageTally.Cohort(day: cohort.day)].advanced += cohort.advanced
        sums[cohort.day, default: StageTally.Cohort(day: cohort.day)].lost += cohort.lost
      }
    }
    let dynamics = StepDynamics(
      sums.values.sorted { $0.day < $1.day }.map { cohort in
        StepDynamics.Cohort(
          age: age(cohort.day), waiting: Double(cohort.waiting), advanced: Double(cohort.advanced),
          lost: Double(cohort.lost))
      }, advances: account.advances[step], losses: account.losses[step],
      stepOdds: prior.stepOdds(of: account.funnel.stepCount), prior: prior)
    self.dynamics.append(dynamics)
    let chances = sums.mapValues { dynamics.waiting(at: age($0.day)) }
    for index in pool.indices { ads[index].append(.trials(Self.trials(pool[index].steps[step], chances))) }
  }

  private static func clicks(_ ad: AdTally) -> RateEvidence {
    let decay = PortableMath.log(2) / clickHalfLife
    var (count, exposure, since) = (0.0, 0.0, 0.0)
    for day in ad.days.reversed() {
      let weight = PortableMath.exp(-decay * since)
      count += weight * Double(day.clicks)
      exposure += weight * Double(day.impressions)
      since += Double(day.clicks)
    }
    return .counts(count: count, exposure: exposure)
  }

  /// Leads as counted by the platform where it reports them, because it misses none; otherwise as counted by the CRM.
  private static func leads(_ ad: AdTally, reportsLeads: Bool) -> RateEvidence {
    let clicks = ad.days.reduce(0) { $0 + $1.clicks }
    let leads =
      reportsLeads
      ? ad.days.reduce(0) { $0 + ($1.leads ?? 0) } : ad.steps.first?.cohorts.reduce(0) { $0 + $1.entered } ?? 0
    return .counts(count: Double(leads), exposure: Double(clicks))
  }

  private static func trials(_ tally: StageTally, _ chances: [Int: StepDynamics.Chance]) -> StepTrials {
    var trials = StepTrials()
    for cohort in tally.cohorts {
      trials.successes += Double(cohort.advanced)
      trials.failures += Double(cohort.lost)
      guard cohort.waiting > 0, let chance = chances[cohort.day] else { continue }
      trials.waiting.append(
        StepTrials.Waiting(count: Double(cohort.waiting), rest: chance.rest, gone: chance.gone))
    }
    return trials
  }

  private static func amountVariance(_ tallies: [LogTally], _ prior: FieldPrior) -> Double {
    let spread = prior.amountSpreadWithin
    var (squares, count) = (spread.weight * spread.deviation * spread.deviation, spread.weight)
    for tally in tallies where tally.count > 1 {
      let (n, logs) = (Double(tally.count), Double(tally.logs) / 1e6)
      squares += Double(tally.squares) / 1e6 - logs * logs / n
      count += n - 1
    }
    return max(squares / count, 1e-4)
  }

  private static func levels(
    _ funnel: SalesFunnel, _ amountVariance: Double, _ prior: FieldPrior, trustsStageValues: Bool
  ) -> [PooledFunnels.Level] {
    let expected = PortableMath.log(max(funnel.stages.last?.value ?? 1, 1)) - amountVariance / 2
    let steps = (0..<funnel.stepCount).map { step in
      let stated = trustsStageValues ? statedOdds(of: step, funnel) : nil
      return PooledFunnels.Level(mean: stated ?? prior.stepOdds(of: funnel.stepCount), spread: prior.stepSpread)
    }
    let amount = FieldPrior.Normal(
      mean: expected, deviation: trustsStageValues ? certain : prior.amountDeviation)
    return [
      PooledFunnels.Level(mean: prior.clickRate, spread: prior.clickSpread),
      PooledFunnels.Level(mean: prior.leadRate, spread: prior.leadSpread),
    ] + steps + [PooledFunnels.Level(mean: amount, spread: prior.amountSpread)]
  }

  /// The standard deviation of what the user states as certain.
  private static let certain = 0.01

  /// The log odds of going on that the stages' values imply; nil where they imply none.
  private static func statedOdds(of step: Int, _ funnel: SalesFunnel) -> FieldPrior.Normal? {
    let (value, next) = (funnel.stages[step].value, funnel.stages[step + 1].value)
    guard value > 0, next > value else { return nil }
    return FieldPrior.Normal(mean: PortableMath.log(value / (next - value)), deviation: certain)
  }
}
