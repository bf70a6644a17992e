/// How an ad's budget changes, in one word.
public enum BudgetVerdict: String, Hashable, Sendable, CaseIterable {
  /// It grows, or the ad gets its first one.
  case scaleUp = "scale_up"
  /// It stays the same, to within 1 % or one minor unit.
  case hold
  /// It shrinks.
  case scaleDown = "scale_down"
  /// The ad is judged `kill`, and its budget is reduced to the least that it may have.
  case stop

  /// The verdict on a budget that goes from `current` to `recommended` minor units within `bounds`.
  public init(current: Double, recommended: Int64, bounds: BudgetBounds, judgement: AdDecision) {
    let isLeast = recommended <= bounds.lower && Double(recommended) <= max(current, Double(bounds.minimum))
    let change = Double(recommended) - current
    self =
      if judgement == .kill, isLeast {
        .stop
      } else if current > 0, change.magnitude <= max(1, current / 100) {
        .hold
      } else {
        change > 0 ? .scaleUp : .scaleDown
      }
  }
}
