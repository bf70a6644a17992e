import Values
import Web

/// Why an account's past cannot be replayed.
package enum BacktestError: FeatureError, Equatable {
  /// There are no days, or too many.
  case badRange(from: CalendarDay, to: CalendarDay)
  /// Nothing was spent on any of the days.
  case nothingSpent(AccountID, from: CalendarDay, to: CalendarDay)

  package var code: String {
    switch self {
    case .badRange: "bad_range"
    case .nothingSpent: "nothing_spent"
    }
  }

  package var description: String {
    switch self {
    case .badRange(let first, let last):
      "to is \(last): must be \(first) or later, and at most \(BacktestService.dayCount.upperBound) days from it"
    case .nothingSpent(let account, let first, let last):
      "from is \(first): no ad of account \(account) spent anything up to \(last)"
    }
  }
}
