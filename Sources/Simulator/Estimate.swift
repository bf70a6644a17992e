import DecisionEngine

/// A mean over seeds with its confidence interval.
package struct Estimate: Hashable, Sendable {
  package let mean: Double
  /// Half the width of the mean's 95 % interval: 1.96 standard errors; nil for a single value, which has none.
  package let margin: Double?

  /// One value for each seed; nil where there are none.
  package init?(_ figures: [Double]) {
    guard !figures.isEmpty else { return nil }
    let count = Double(figures.count)
    let mean = figures.reduce(0, +) / count
    self.mean = mean
    guard figures.count > 1 else {
      margin = nil
      return
    }
    let squares = figures.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    margin = 1.96 * (squares / (count - 1) / count).squareRoot()
  }
}
