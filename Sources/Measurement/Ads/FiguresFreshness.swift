import Values

/// Up to which day an account's figures and deals are known, relative to the day on which they are used.
package struct FiguresFreshness: Hashable, Sendable {
  /// The last day with figures of any ad; nil for an account without figures.
  package let figuresAsOf: CalendarDay?
  /// The moment of the latest move of a deal; nil for an account without deals.
  package let dealsAsOf: Instant?
  /// The day on which the figures are used, by the account's calendar.
  package let day: CalendarDay
  /// Figures older than this many days cause a warning.
  package let warningDays: Int
  /// Decisions are refused on figures older than this many days.
  package let limitDays: Int

  /// Days from the figures' last day to ``day``: 1 for figures up to yesterday; nil for an account without figures.
  package var ageDays: Int? {
    figuresAsOf.map { max(0, day.daysSinceEpoch - $0.daysSinceEpoch) }
  }

  /// Whether the figures are old enough for a warning.
  package var isOld: Bool { (ageDays ?? 0) > warningDays }

  /// Whether the figures are too old for decisions.
  package var isTooOld: Bool { (ageDays ?? 0) > limitDays }

  /// A warning about old figures; nil for recent ones.
  package var warning: String? {
    guard isOld, let figuresAsOf, let ageDays else { return nil }
    return "the figures end on \(figuresAsOf), \(ageDays) days ago: import newer ones"
  }

  /// Throws ``AdError/figuresTooOld(_:end:ageDays:limitDays:)`` where the account's figures are too old for decisions.
  package func check(_ account: AccountID) throws(AdError) {
    guard isTooOld, let figuresAsOf, let ageDays else { return }
    throw .figuresTooOld(account, end: figuresAsOf, ageDays: ageDays, limitDays: limitDays)
  }
}
