import Values

/// Why a budget could not follow its share.
public enum BindingConstraint: String, Hashable, Sendable, CaseIterable {
  /// The least that an ad may be given.
  case minimumBudget = "minimum_budget"
  /// The most that a daily budget may grow in one step.
  case maximumDailyIncrease = "max_daily_increase"
  /// The most that a daily budget may shrink in one step.
  case maximumDailyDecrease = "max_daily_decrease"
  /// The total, which outranks the limit on daily changes: all ads together may not get more.
  case totalBudget = "total_budget"
}

/// The range an ad's next daily budget must lie in, in minor units, and what sets either end.
public struct BudgetBounds: Hashable, Sendable {
  /// The least budget of any ad, which nothing outranks.
  public let minimum: Int64
  /// The least the ad may be given while the total suffices; at least ``minimum``.
  public let lower: Int64
  /// The most the ad may be given; at least ``lower``.
  public let upper: Int64
  /// What sets ``lower``.
  public let lowerConstraint: BindingConstraint
  /// What sets ``upper``; nil where only the total does.
  public let upperConstraint: BindingConstraint?

  /// Bounds an ad whose daily budget is `current` minor units (fractions allowed).
  ///
  /// - Parameters:
  ///   - current: the daily budget now; 0 for an ad that has not run, which no change limit holds.
  ///   - minimum: the least budget of any ad; it outranks the change limit, because a platform refuses less.
  ///   - total: the whole budget, the most any ad can get.
  ///   - maximumChange: the largest change as a share of `current` (0.5 is ±50 %); nil for none.
  public init(current: Double, minimum: Int64, total: Int64, maximumChange: Double?) {
    self.minimum = minimum
    guard let maximumChange, current > 0 else {
      lower = minimum
      upper = max(total, minimum)
      lowerConstraint = .minimumBudget
      upperConstraint = nil
      return
    }
    let least = Self.wholeUnits(current * (1 - maximumChange), rounded: .up)
    let most = Self.wholeUnits(current * (1 + maximumChange), rounded: .down)
    lower = max(least, minimum)
    lowerConstraint = least > minimum ? .maximumDailyDecrease : .minimumBudget
    upper = max(most, lower)
    upperConstraint = upper > minimum ? .maximumDailyIncrease : .minimumBudget
  }

  /// Rounds to whole units, not below 0, a figure within binary rounding of one to that one: 150 % of 8.20 is 12.30.
  private static func wholeUnits(_ value: Double, rounded rule: FloatingPointRoundingRule) -> Int64 {
    guard value > 0 else { return 0 }
    let counted = min(value, 0x1p62)
    let nearest = counted.rounded()
    let noise = max(1e-6, 4 * counted.ulp)
    return Int64(clamping: abs(counted - nearest) <= noise ? nearest : counted.rounded(rule))
  }
}
