/// How long an account's decisions are kept with all their inputs: as long as neither limit is exceeded.
package struct DecisionRetention: Hashable, Sendable {
  /// The default: 400 days, and the latest 10,000.
  package static let standard = DecisionRetention(days: 400, count: 10_000)
  /// The range of ``days``.
  package static let dayRange = 1...36_500
  /// The range of ``count``.
  package static let countRange = 1...1_000_000_000

  /// Days, within ``dayRange``.
  package let days: Int
  /// How many of the latest decisions, within ``countRange``.
  package let count: Int

  /// Clamps each number to its range.
  package init(days: Int, count: Int) {
    self.days = min(max(days, Self.dayRange.lowerBound), Self.dayRange.upperBound)
    self.count = min(max(count, Self.countRange.lowerBound), Self.countRange.upperBound)
  }
}
