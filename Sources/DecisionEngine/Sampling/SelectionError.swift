import Values

/// Why no selection can be made; nothing was decided.
public enum SelectionError: Error, Equatable, Sendable {
  /// There is no ad to give a budget to.
  case noAds
  /// Two states belong to the same ad.
  case duplicateAd(AdID)
  /// The total, in minor units, is not positive, or is too large.
  case totalOutOfRange(Int64)
  /// The least budgets of all ads together need more than the total; both in minor units.
  case minimumBudgetsExceedTotal(required: Int64, total: Int64)
  /// A Creative DNA score lies outside 0...1.
  case dnaScoreOutOfRange(AdID, Double)
  /// A Creative DNA score is for an ad that is not among the states.
  case dnaScoreWithoutAd(AdID)
}
