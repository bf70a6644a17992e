import Decisions
import Jobs
import Values

/// Applies the account's approved changes, settles those whose outcome is unknown, and lets old ones expire.
package struct ApplyAdChanges: RecurringAccountJob {
  package static let name = "apply_ad_changes"
  package static let queue = ProcessBudgetOptimization.queue
  package static let usualSchedule = "5m"
  /// What could not be applied is tried again by the next job, so a few attempts are enough.
  package static let retryPolicy = RetryPolicy(maximumAttempts: 5)

  package let accountID: AccountID

  /// One waiting job for the account is enough.
  package var uniqueKey: String? { "all" }

  package init(accountID: AccountID) {
    self.accountID = accountID
  }
}

/// Proposes to pause ad sets that spend money today without results.
package struct StopSameDay: RecurringAccountJob {
  package static let name = "stop_same_day"
  package static let queue = ProcessBudgetOptimization.queue
  package static let usualSchedule = "30m"

  package let accountID: AccountID

  /// One waiting job for the account is enough.
  package var uniqueKey: String? { "all" }

  package init(accountID: AccountID) {
    self.accountID = accountID
  }
}
