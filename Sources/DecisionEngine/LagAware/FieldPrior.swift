/// What is believed about any account before its own data count: deliberately wide, and soon outweighed.
///
/// Means and widths come from published figures of the industry, listed with their sources in docs/decision-quality.md.
/// Where nothing is published, as for the differences between ads of one account, the width is a judgement and is
/// marked as one there.
public struct FieldPrior: Hashable, Sendable {
  /// A normal belief about a logarithm or about log odds.
  public struct Normal: Hashable, Sendable {
    public var mean: Double
    /// The standard deviation.
    public var deviation: Double

    /// Takes the middle and the standard deviation.
    public init(mean: Double, deviation: Double) {
      self.mean = mean
      self.deviation = deviation
    }
  }

  /// A belief about how much ads of one account differ.
  public struct Spread: Hashable, Sendable {
    /// The typical standard deviation of a logarithm or of log odds.
    public var deviation: Double
    /// How many ads' worth of evidence that is.
    public var weight: Double

    /// Takes the deviation and its weight.
    public init(deviation: Double, weight: Double) {
      self.deviation = deviation
      self.weight = weight
    }
  }

  /// ln of clicks for each impression: 2 % (WordStream's and Superads' benchmarks lie between 0.9 and 2.6 %).
  public var clickRate = Normal(mean: -3.9, deviation: 1)
  /// ln of leads for each click: 7 % (WordStream 8 to 9 % for instant forms, 2 to 4 % for landing pages).
  public var leadRate = Normal(mean: -2.66, deviation: 1)
  /// Probability that a lead is ever won: 2.4 % (Implisit 1 %, MarketingSherpa 5 %); distributed evenly over the
  /// funnel's steps.
  public var leadToSale = 0.024
  /// Standard deviation of the log odds of one step's success.
  public var stepDeviation = 1.2
  /// Differences between ads' click rates. A judgement.
  public var clickSpread = Spread(deviation: 0.35, weight: 4)
  /// Differences between ads' lead rates. A judgement.
  public var leadSpread = Spread(deviation: 0.35, weight: 4)
  /// Differences between ads' log odds of a step (Implisit's lead sources differ by 0.3 to 0.7).
  public var stepSpread = Spread(deviation: 0.4, weight: 4)
  /// Differences between ads' mean deal values. A judgement.
  public var amountSpread = Spread(deviation: 0.2, weight: 4)
  /// Standard deviation of ln of a deal's value around the account's configured value for a won deal.
  public var amountDeviation = 0.7
  /// Standard deviation of ln of a deal's value within an ad. A judgement.
  public var amountSpreadWithin = Spread(deviation: 0.7, weight: 4)
  /// How click rates correlate with the rates after the click: ads that promise too much are clicked but do not sell.
  public var clickCorrelation = Normal(mean: -0.1, deviation: 0.3)
  /// How much the prior's log probability falls for each unit of a common correlation of the later rates.
  public var qualityCorrelationPenalty = 2.0
  /// How much more probable it is, as a logarithm of odds, that no two rates are correlated.
  public var independenceBonus = 3.0
  /// ln of the days that a deal stays in a stage: 5 days, from hours to months (Implisit's stages last 18 to 84 days,
  /// small deals close within 14 to 30).
  public var delay = Normal(mean: 1.6, deviation: 1.2)
  /// How many deals' worth of evidence that is.
  public var delayWeight = 3.0
  /// The share of lost deals that the CRM is told about. A judgement.
  public var markedShare = 0.7
  /// How many deals' worth of evidence that is.
  public var markedWeight = 5.0
  /// ln of the daily spend that halves an ad's marginal delivery, relative to an even share of the budget. Conversions
  /// grow with spend to the power 0.72 in one account's own test at large budgets; an even share is assumed to saturate
  /// less (power 0.86). A judgement.
  public var saturation = Normal(mean: 1, deviation: 1)
  /// Standard deviation of ln of ads' own saturation around the account's. A judgement.
  public var saturationSpread = 0.5
  /// ln of impressions for each unit of spend, until the account has data: a CPM of 24 (Superads 20 to 42).
  public var impressionsPerSpend = 3.73

  public init() {}

  /// The same belief with all its means wrong by `factor` (above 0): more clicks, leads and sales, longer delays, more
  /// expensive impressions and later saturation than in the field. It shows what a wrong prior costs.
  public func wrong(by factor: Double) -> FieldPrior {
    let shift = PortableMath.log(factor)
    var prior = self
    prior.clickRate.mean += shift
    prior.leadRate.mean += shift
    prior.leadToSale = min(leadToSale * factor, 0.9)
    prior.delay.mean += shift
    prior.saturation.mean += shift
    prior.impressionsPerSpend -= shift
    for spread in [\FieldPrior.clickSpread, \.leadSpread, \.stepSpread, \.amountSpread, \.amountSpreadWithin] {
      prior[keyPath: spread].deviation *= factor
    }
    return prior
  }

  /// The log odds of one of `count` steps.
  func stepOdds(of count: Int) -> Normal {
    let chance = PortableMath.exp(PortableMath.log(leadToSale) / Double(count))
    return Normal(mean: PortableMath.log(chance / (1 - chance)), deviation: stepDeviation)
  }
}
