/// How long an account's decisions are kept with all that went into them: as long as neither limit is passed.
package struct DecisionRetention: Hashable, Sendable {
  /// What holds unless told otherwise: 400 days, and the latest 10,000.
  package static let standard = DecisionRetention(days: 400, count: 10_000)
  /// What the days may be.
  package static let dayRange = 1...36_500
  /// What the count may be.
  package static let countRange = 1...1_000_000_000

  /// Days, within ``dayRange``.
  package let days: Int
  /// How many of the latest, within ``countRange``.
  package let count: Int

  /// Takes the two numbers; one out of range is moved to the nearer end.
  package init(days: Int, count: Int) {
    self.days = min(max(days, Self.dayRange.lowerBound), Self.dayRange.upperBound)
    self.count = min(max(count, Self.countRange.lowerBound), Self.countRange.upperBound)
  }
}
