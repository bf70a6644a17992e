import Values

/// What an account's own history shows about its funnel: how often deals go on, how long that takes, and what a deal in
/// each stage is worth.
public struct LearnedFunnel: Hashable, Sendable {
  /// A value with its 90 % range.
  public struct Estimate: Hashable, Sendable {
    /// The median.
    public let value: Double
    /// The lower end of the range.
    public let low: Double
    /// The upper end of the range.
    public let high: Double

    init(lognormal belief: Belief) {
      let width = 1.6448536269514722 * belief.variance.squareRoot()
      value = PortableMath.exp(belief.mean)
      low = PortableMath.exp(belief.mean - width)
      high = PortableMath.exp(belief.mean + width)
    }

    /// A probability whose log odds are normal.
    init(odds belief: Belief) {
      let width = 1.6448536269514722 * belief.variance.squareRoot()
      value = PortableMath.sigmoid(belief.mean)
      low = PortableMath.sigmoid(belief.mean - width)
      high = PortableMath.sigmoid(belief.mean + width)
    }
  }

  /// What is learned about one stage.
  public struct Stage: Hashable, Sendable {
    /// The stage's name.
    public let name: String
    /// The expected revenue of a deal in this stage, in major units.
    public let value: Estimate
    /// The value configured in the account, in major units.
    public let configuredValue: Double
    /// The probability of going on to the next stage; nil for the last.
    public let success: Estimate?
    /// The median number of days until a deal goes on; nil for the last.
    public let medianDays: Double?
    /// The number of days within which nine of ten deals that go on have done so; nil for the last.
    public let ninetiethDays: Double?
    /// Deals of the account that went on or were lost here: what the estimates are based on.
    public let endedDeals: Int
    /// Deals of the account that are waiting here.
    public let waitingDeals: Int
  }

  /// The stages, in their order.
  public let stages: [Stage]

  init(_ funnel: SalesFunnel, _ evidence: FunnelEvidence, _ pooled: PooledFunnels) {
    let last = pooled.means.count - 1
    var worth = pooled.means[last]
    worth.mean += evidence.amountVariance / 2
    var stages = [
      Stage(
        name: funnel.stages[funnel.stepCount].name, value: Estimate(lognormal: worth),
        configuredValue: funnel.stages[funnel.stepCount].value, success: nil, medianDays: nil, ninetiethDays: nil,
        endedDeals: 0, waitingDeals: 0)
    ]
    for step in (0..<funnel.stepCount).reversed() {
      let odds = pooled.means[step + 2]
      let chance = PortableMath.sigmoid(odds.mean)
      worth.mean += PortableMath.log(chance)
      worth.variance += (1 - chance) * (1 - chance) * odds.variance
      let dynamics = evidence.dynamics[step]
      stages.append(
        Stage(
          name: funnel.stages[step].name, value: Estimate(lognormal: worth),
          configuredValue: funnel.stages[step].value, success: Estimate(odds: odds),
          medianDays: PortableMath.exp(dynamics.advance.mean),
          ninetiethDays: PortableMath.exp(dynamics.advance.mean + 1.2815515655446004 * dynamics.advance.deviation),
          endedDeals: dynamics.endedDeals, waitingDeals: dynamics.waitingDeals))
    }
    self.stages = stages.reversed()
  }

  /// Learns from counts alone, without a decision. `now` is the moment of the counts.
  public init(_ tallies: FunnelTallies, now: Instant, prior: FieldPrior = FieldPrior()) {
    let ads = tallies.ads.keys.sorted().compactMap { tallies.ads[$0] }
    let evidence = FunnelEvidence(
      ads, tallies, now: Double(now.seconds) / 86_400, prior: prior, trustsStageValues: false)
    self.init(
      tallies.funnel, evidence, PooledFunnels(evidence.ads, levels: evidence.levels, prior: prior))
  }
}
