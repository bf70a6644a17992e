import Values

/// How a daily budget changes.
enum BudgetChange {
  /// The change from `current` minor units as a share of it; nil for an ad that had no budget.
  static func share(from current: Double, to recommended: Int64) -> Double? {
    guard current > 0 else { return nil }
    // A hundredth of the largest number, so that it is still finite as a percentage.
    return min((Double(recommended) - current) / current, .greatestFiniteMagnitude / 100).finite
  }
}

extension [Int64] {
  /// The sum; the largest number where it does not fit.
  var saturatingSum: Int64 {
    Int64(clamping: reduce(into: Int128(0)) { $0 += Int128($1) })
  }
}
