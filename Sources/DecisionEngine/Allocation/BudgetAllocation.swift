/// A total split over ads in whole minor units, within each ad's bounds.
public struct BudgetAllocation: Hashable, Sendable {
  /// The budgets, in the order of the shares, in minor units.
  public let amounts: [Int64]
  /// Which bound holds each amount away from what its share asks for; nil where none does.
  public let holds: [BindingConstraint?]
  /// What keeps the sum of ``amounts`` from the total; nil where they sum to it exactly.
  public let shortfall: BindingConstraint?

  /// Splits `total` in proportion to `shares` (positive), as far as the bounds allow.
  ///
  /// Each amount is its share times one common scale, clamped to its bounds; the scale is the one at which the
  /// amounts sum to the total. Where the upper bounds sum to less than the total, each ad gets its upper bound;
  /// where the lower bounds sum to more, its lower bound; ``shortfall`` then names the constraint.
  public init(total: Int64, shares: [Double], bounds: [BudgetBounds]) {
    // Summed in floating point, exact up to 2^53 and thus around any total, because the whole sums may not fit.
    let least = bounds.reduce(0.0) { $0 + Double($1.lower) }
    let most = bounds.reduce(0.0) { $0 + Double($1.upper) }
    if least > Double(total) {
      amounts = bounds.map(\.lower)
      holds = bounds.map(\.lowerConstraint)
      shortfall = .maximumDailyDecrease
    } else if most < Double(total) {
      amounts = bounds.map(\.upper)
      holds = bounds.map(\.upperConstraint)
      shortfall = .maximumDailyIncrease
    } else {
      let scale = Self.commonScale(total: Double(total), shares: shares, bounds: bounds)
      amounts = Self.rounded(total: total, scale: scale, shares: shares, bounds: bounds)
      holds = zip(shares, bounds).map { Self.hold(on: scale * $0, $1) }
      shortfall = nil
    }
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

  /// Rounds down to whole units and hands out what is left by largest remainder, within the bounds.
  private static func rounded(
    total: Int64, scale: Double, shares: [Double], bounds: [BudgetBounds]
  ) -> [Int64] {
    var amounts: [Int64] = []
    var remainders: [Double] = []
    amounts.reserveCapacity(shares.count)
    remainders.reserveCapacity(shares.count)
    for (share, bound) in zip(shares, bounds) {
      let wanted = min(max(scale * share, Double(bound.lower)), Double(bound.upper))
      amounts.append(Int64(wanted.rounded(.down)))
      remainders.append(wanted - wanted.rounded(.down))
    }
    var left = total - amounts.reduce(0, +)
    guard left != 0 else { return amounts }
    let order = remainders.indices.sorted {
      remainders[$0] != remainders[$1] ? remainders[$0] > remainders[$1] : $0 < $1
    }
    while left != 0 {
      let step: Int64 = left > 0 ? 1 : -1
      for index in left > 0 ? order : order.reversed() where left != 0 {
        let next = amounts[index] + step
        guard next >= bounds[index].lower, next <= bounds[index].upper else { continue }
        amounts[index] = next
        left -= step
      }
    }
    return amounts
  }
}
