import Values

/// What to do with one ad, and every value that led there.
public struct Recommendation: Sendable {
  /// The ad's totals, as given.
  public let ad: AdState
  /// The ad's Creative DNA score in 0...1, where given.
  public let dnaScore: Double?
  /// The score and the values it was computed from.
  public let score: AdScore
  /// Kill, scale or maintain by the thresholds, and why.
  public let judgement: Judgement
  /// The draw from the ad's posterior.
  public let draw: ThompsonDraw
  /// The ad's softmax share of the total, in 0...1.
  public let share: Double
  /// The share in minor units, before any bound.
  public let wantedBudget: Double
  /// The range in which the budget had to be.
  public let bounds: BudgetBounds
  /// The daily budget now, in minor units; it may have a fraction where it is the mean of past days.
  public let currentBudget: Double
  /// The daily budget to set, in minor units.
  public let recommendedBudget: Int64
  /// The bound that keeps the budget from following the share; nil where none does.
  public let bindingConstraint: BindingConstraint?

  /// How the budget changes.
  public var verdict: BudgetVerdict {
    BudgetVerdict(
      current: currentBudget, recommended: recommendedBudget, bounds: bounds, judgement: judgement.decision)
  }

  /// The change of the daily budget as a share of the current one; nil for an ad that had no budget.
  public var change: Double? {
    BudgetChange.share(from: currentBudget, to: recommendedBudget)
  }
}

/// A draw from `Beta(alpha, beta)`, the belief about an ad's score.
public struct ThompsonDraw: Hashable, Sendable {
  /// `max(1, n * s + 1)` with n = max(impressions, 100) and s the score clamped to 0...1.
  public let alpha: Double
  /// `max(1, n * (1 - s) + 1)`.
  public let beta: Double
  /// The number drawn, in 0...1.
  public let sample: Double

  /// Draws for `ad` from the stream of `seed` and the ad's id.
  public init(for ad: AdState, score: AdScore, seed: UInt64) {
    let trials = Double(max(ad.impressions, 100))
    alpha = max(1, trials * score.probability + 1)
    beta = max(1, trials * (1 - score.probability) + 1)
    var stream = RandomStream(seed: seed, name: ad.adID.value)
    sample = stream.nextBeta(alpha: alpha, beta: beta)
  }
}

/// A total budget split over ads.
public struct Selection: Sendable {
  /// The version of the policy that made it.
  public let version: PolicyVersion
  /// The total that was to be split, in minor units.
  public let totalBudget: Int64
  /// The seed of every draw.
  public let seed: UInt64
  /// One for each ad, in the order given.
  public let recommendations: [Recommendation]
  /// What keeps the budgets from summing to the total; nil where they sum to it exactly.
  public let shortfall: BindingConstraint?

  /// The policy and its version, such as `battle_hardened/2`.
  public var policyVersion: String { version.text(of: BattleHardenedSampler.policyName) }

  /// The sum of the recommended budgets, in minor units; the largest integer where it does not fit.
  public var allocatedBudget: Int64 { recommendations.map(\.recommendedBudget).saturatingSum }
}
