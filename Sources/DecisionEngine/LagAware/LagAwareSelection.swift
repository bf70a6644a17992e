import Values

/// A total budget split over ads by the `lag_aware` policy.
public struct LagAwareSelection: Sendable {
  public enum Ground: String, Hashable, Sendable {
    /// Daily figures and the paths of deals.
    case history
    /// Totals alone: the ages of deals, their stages and the saturation of delivery are unknown.
    case totals
  }

  /// The version of the policy that made it.
  public let version: PolicyVersion
  /// What it was made from.
  public let ground: Ground
  /// The total that was to be split, in minor units.
  public let totalBudget: Int64
  /// The seed of every draw.
  public let seed: UInt64
  /// What is learned about the account's funnel; nil where only totals were given.
  public let funnel: LearnedFunnel?
  /// One for each ad, in the order given.
  public let recommendations: [LagAwareRecommendation]
  /// What keeps the budgets from summing to the total; nil where they sum to it exactly.
  public let shortfall: BindingConstraint?

  /// The policy and its version, such as `lag_aware/2`.
  public var policyVersion: String { version.text(of: LagAwareSampler.policyName) }

  /// The sum of the recommended budgets, in minor units; the largest integer where it does not fit.
  public var allocatedBudget: Int64 { recommendations.map(\.recommendedBudget).saturatingSum }
}

/// What to expect of an ad.
public struct AdOutlook: Hashable, Sendable {
  /// Expected revenue of one more unit spent a day, at the recommended budget.
  public let marginalReturn: Double
  /// The lower end of its 90 % range.
  public let marginalLow: Double
  /// The upper end of that range.
  public let marginalHigh: Double
  /// Expected revenue of each unit of the recommended budget, on average.
  public let averageReturn: Double
  /// The upper end of its 90 % range.
  public let averageHigh: Double
  /// The daily spend at which one more unit buys half of what the first one bought, in major units.
  public let saturation: Double
  /// Standard deviation of ln of the returns: a measure of what is not known.
  public let uncertainty: Double
  /// What the outlook is based on.
  public let known: KnownOfAd

  init(_ belief: AdBelief, budget: Double) {
    let worth = belief.worth
    let width = 1.6448536269514722 * worth.variance.squareRoot()
    let strained = budget / belief.curve.scale
    marginalReturn = (worth.expectation / (1 + strained)).finite
    marginalLow = (PortableMath.exp(worth.mean - width) / (1 + strained)).finite
    marginalHigh = (PortableMath.exp(worth.mean + width) / (1 + strained)).finite
    let mean = strained > 1e-9 ? PortableMath.log(1 + strained) / strained : 1
    averageReturn = (worth.expectation * mean).finite
    averageHigh = (PortableMath.exp(worth.mean + width) * mean).finite
    saturation = belief.curve.scale.finite
    uncertainty = worth.variance.squareRoot().finite
    known = belief.known
  }

  /// How the ad compares with `thresholds`: `kill` where even the upper end of its return is too low, `scale` where its
  /// mean is high enough.
  func judgement(by thresholds: DecisionThresholds) -> AdDecision {
    if known.spend < thresholds.minSpendForKill {
      .maintain
    } else if averageHigh < thresholds.killROASThreshold {
      .kill
    } else if averageReturn > thresholds.scaleROASThreshold {
      .scale
    } else {
      .maintain
    }
  }
}

/// What to do with one ad, and why.
public struct LagAwareRecommendation: Sendable {
  public let adID: AdID
  /// What to expect of it.
  public let outlook: AdOutlook
  /// Kill, scale or maintain by the thresholds.
  public let judgement: AdDecision
  /// The probability that the ad deserves a tenth of the budget.
  public let worthyChance: Double
  /// Whether it keeps a small budget because it may yet deserve more.
  public let onProbation: Bool
  /// The daily budget now, in minor units; 0 for a new ad.
  public let currentBudget: Double
  /// The budget before rounding and bounds, in minor units.
  public let wantedBudget: Double
  /// The range the budget had to stay in.
  public let bounds: BudgetBounds
  /// The daily budget to set, in minor units.
  public let recommendedBudget: Int64
  /// The bound that limits the budget; nil where none does.
  public let bindingConstraint: BindingConstraint?

  init(
    adID: AdID, outlook: AdOutlook, thresholds: DecisionThresholds, worthyChance: Double, onProbation: Bool,
    currentBudget: Double, wantedBudget: Double, bounds: BudgetBounds, recommendedBudget: Int64,
    bindingConstraint: BindingConstraint?
  ) {
    self.adID = adID
    self.outlook = outlook
    self.worthyChance = worthyChance
    self.onProbation = onProbation
    self.currentBudget = currentBudget
    self.wantedBudget = wantedBudget
    self.bounds = bounds
    self.recommendedBudget = recommendedBudget
    // The mean of the draws reaches a bound only where most draws do.
    self.bindingConstraint =
      bindingConstraint
      ?? (recommendedBudget == bounds.upper
        ? bounds.upperConstraint : recommendedBudget == bounds.lower ? bounds.lowerConstraint : nil)
    judgement = outlook.judgement(by: thresholds)
  }

  /// How the budget changes.
  public var verdict: BudgetVerdict {
    BudgetVerdict(current: currentBudget, recommended: recommendedBudget, bounds: bounds, judgement: judgement)
  }

  /// The change of the daily budget as a share of the current one; nil for an ad that had no budget.
  public var change: Double? {
    BudgetChange.share(from: currentBudget, to: recommendedBudget)
  }
}
