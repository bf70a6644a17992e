import Values

/// Why a budget could not follow its share.
public enum BindingConstraint: String, Hashable, Sendable, CaseIterable {
  /// The least that an ad may be given.
  case minimumBudget = "minimum_budget"
  /// The most that a daily budget may grow in one step.
  case maximumDailyIncrease = "max_daily_increase"
  /// The most that a daily budget may shrink in one step.
  case maximumDailyDecrease = "max_daily_decrease"
  /// The total, which takes precedence over the limit on daily changes: all ads together may not get more.
  case totalBudget = "total_budget"
}

/// The range in which an ad's next daily budget must lie, in minor units, and what determines each end.
public struct BudgetBounds: Hashable, Sendable {
  /// The least budget of any ad; no other constraint lowers it.
  public let minimum: Int64
  /// The least the ad may be given while the total is sufficient; at least ``minimum``.
  public let lower: Int64
  /// The most the ad may be given; at least ``lower``.
  public let upper: Int64
  /// What determines ``lower``.
  public let lowerConstraint: BindingConstraint
  /// What determines ``upper``; nil where only the total does.
  public let upperConstraint: BindingConstraint?

  /// Bounds an ad whose daily budget is `current` minor units (fractions allowed).
  ///
  /// - Parameters:
  /// - current: the daily budget now; 0 for an ad that has not run, to which no change limit applies.
  /// - minimum: the least budget of any ad; it overrides the change limit, because platforms refuse less.
  /// - total: the whole budget, the most any ad can get.
  /// - maximumChange: the largest change as a share of `current` (0.5 is ±50 %); nil for none.
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

  /// Rounds to an integer of at least 0; a value within binary rounding error of an integer becomes that one: 150 % of
  /// 8.20 is 12.30.
  private static func wholeUnits(_ value: Double, rounded rule: FloatingPointRoundingRule) -> Int64 {
    guard value > 0 else { return 0 }
    let counted = min(value, 0x1p62)
    let nearest = counted.rounded()
    let noise = max(1e-6, 4 * counted.ulp)
    return Int64(clamping: abs(counted - nearest) <= noise ? nearest : counted.rounded(rule))
  }
}
