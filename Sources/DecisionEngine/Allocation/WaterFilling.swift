import Values

/// Splits a budget so that the next unit earns the same wherever it is spent, as far as the bounds allow.
///
/// An ad earns `value * scale * ln(1 + budget / scale)`, so its next unit earns `value / (1 + budget / scale)`. At the
/// optimum every budget within its bounds is `scale * (value * level - 1)` for one common level, which is found by
/// Newton steps on a sum that is piecewise linear in it.
///
/// Source: S. Boyd, L. Vandenberghe, "Convex Optimization" (2004), section 5.5.3 (water-filling).
package struct WaterFilling {
  /// The budgets, in the order of the ads.
  package private(set) var budgets: [Double]
  /// What the next unit earns at ads whose budget is not at a bound.
  private(set) var marginal: Double

  /// Larger values and scales are clamped to this, so that no product of them overflows.
  private static let countable = 1e100

  package init(total: Double, values: [Double], scales: [Double], lower: [Double], upper: [Double]) {
    let values = Self.counted(values)
    let scales = Self.counted(scales)
    var (low, high) = (0.0, Double.infinity)
    let mean = values.reduce(0, +) / Double(max(values.count, 1))
    let room = scales.reduce(0, +)
    var level = mean > 0 ? ((1 + total / max(room, 1e-9)) / mean).finite : 0
    for _ in 0..<100 {
      var (sum, slope) = (0.0, 0.0)
      for index in values.indices {
        let wanted = scales[index] * (values[index] * level - 1)
        if wanted <= lower[index] {
          sum += lower[index]
        } else if wanted >= upper[index] {
          sum += upper[index]
        } else {
          sum += wanted
          slope += scales[index] * values[index]
        }
      }
      if (sum - total).magnitude <= 1e-9 * total { break }
      if sum < total { low = level } else { high = level }
      let step = slope > 0 ? level + (total - sum) / slope : .nan
      let next = step > low && step < high ? step : (high.isFinite ? low + (high - low) / 2 : low * 2)
      if next == level || !next.isFinite { break }
      level = next
    }
    budgets = values.indices.map { index in
      min(max((scales[index] * (values[index] * level - 1)).finite, lower[index]), upper[index])
    }
    marginal = level > 0 ? 1 / level : 0
  }

  /// Finite numbers of 0 or more; the same array where they already are.
  private static func counted(_ numbers: [Double]) -> [Double] {
    numbers.allSatisfy { $0 >= 0 && $0 <= countable } ? numbers : numbers.map { min(max($0.finite, 0), countable) }
  }
}
