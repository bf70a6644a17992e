import Values

/// A total split over ads in whole minor units, within each ad's bounds.
public struct BudgetAllocation: Hashable, Sendable {
  /// The budgets, in the order of the shares, in minor units.
  public let amounts: [Int64]
  /// Which bound keeps each amount from following its share; nil where none does.
  public let holds: [BindingConstraint?]
  /// What keeps the sum of ``amounts`` from the total; nil where they sum to it exactly.
  public let shortfall: BindingConstraint?

  /// Splits `total` in proportion to `shares`, as far as the bounds allow, by the rules of `version`.
  ///
  /// Each amount is its share times one common scale, clamped to its bounds; the scale is chosen so that the amounts
  /// sum to the total. A share that is NaN or below 0 is treated as 0. Where the upper bounds sum to less than the
  /// total, each ad gets its upper bound, and ``shortfall`` names the constraint.
  ///
  /// Where the lower bounds sum to more than the total, they are reduced, except for the minimum budgets, until the
  /// amounts sum to it: first those of the ads marked in `giveWayFirst` (none where it is empty), then those of ads
  /// whose budget shrinks anyway, then all in proportion. ``PolicyVersion/one`` does not reduce them, so there the
  /// amounts may sum to more than the total.
  public init(
    total: Int64, shares: [Double], bounds: [BudgetBounds], giveWayFirst: [Bool] = [],
    version: PolicyVersion = .current
  ) {
    // Summed in floating point, exact up to 2^53 and so near any total, because an integer sum might overflow.
    let least = bounds.reduce(0.0) { $0 + Double($1.lower) }
    let most = bounds.reduce(0.0) { $0 + Double($1.upper) }
    let shares = Self.countable(shares)
    if least > Double(total), version == .two {
      let first = giveWayFirst.isEmpty ? bounds.map { _ in false } : giveWayFirst
      let pressed = PressedBounds(total: total, shares: shares, bounds: bounds, giveWayFirst: first).amounts
      amounts = pressed
      holds = zip(pressed, bounds).map { $0 < $1.lower ? .totalBudget : $1.lowerConstraint }
      shortfall = pressed.saturatingSum == total ? nil : .minimumBudget
    } else if least > Double(total) {
      amounts = bounds.map(\.lower)
      holds = bounds.map(\.lowerConstraint)
      shortfall = .maximumDailyDecrease
    } else if most < Double(total) {
      amounts = bounds.map(\.upper)
      holds = bounds.map(\.upperConstraint)
      shortfall = .maximumDailyIncrease
    } else {
      let scale = Self.commonScale(total: Double(total), shares: shares, bounds: bounds)
      amounts = WholeUnits.rounded(
        zip(shares, bounds).map { min(max(scale * $0, Double($1.lower)), Double($1.upper)) }, total: total,
        within: bounds.map { $0.lower...$0.upper })
      holds = zip(shares, bounds).map { Self.hold(on: scale * $0, $1) }
      shortfall = nil
    }
  }

  /// Where the largest share is in this range, its products with any total and the sums of such products are finite,
  /// and doubling finds a scale.
  private static let countableShares = 1e-150...1e150

  /// The shares as finite numbers of 0 or more, rescaled where the largest lies outside the range.
  private static func countable(_ shares: [Double]) -> [Double] {
    let clean = shares.map { max($0.finite, 0) }
    let largest = clean.max() ?? 0
    return largest == 0 || countableShares.contains(largest) ? clean : clean.map { $0 / largest }
  }

  private static func hold(on wanted: Double, _ bounds: BudgetBounds) -> BindingConstraint? {
    if wanted < Double(bounds.lower) { return bounds.lowerConstraint }
    return wanted > Double(bounds.upper) ? bounds.upperConstraint : nil
  }

  /// Finds the scale by Newton steps on the piecewise linear sum, kept inside a shrinking bracket.
  private static func commonScale(total: Double, shares: [Double], bounds: [BudgetBounds]) -> Double {
    var bracket = (low: 0.0, high: Double.infinity)
    var scale = total
    for _ in 0..<200 {
      let (sum, slope) = sumAndSlope(at: scale, shares: shares, bounds: bounds)
      if sum == total { break }
      if sum < total { bracket.low = scale } else { bracket.high = scale }
      let step = slope > 0 ? scale + (total - sum) / slope : .nan
      let next = step > bracket.low && step < bracket.high ? step : midpoint(bracket)
      if next == scale { break }
      scale = next
    }
    return scale
  }

  private static func midpoint(_ bracket: (low: Double, high: Double)) -> Double {
    bracket.high.isFinite ? bracket.low + (bracket.high - bracket.low) / 2 : bracket.low * 2
  }

  private static func sumAndSlope(
    at scale: Double, shares: [Double], bounds: [BudgetBounds]
  ) -> (sum: Double, slope: Double) {
    var sum = 0.0
    var slope = 0.0
    for (share, bound) in zip(shares, bounds) {
      let wanted = scale * share
      if wanted <= Double(bound.lower) {
        sum += Double(bound.lower)
      } else if wanted >= Double(bound.upper) {
        sum += Double(bound.upper)
      } else {
        sum += wanted
        slope += share
      }
    }
    return (sum, slope)
  }
}
