import Decisions
import Jobs
import Values

/// Apply the account's approved changes, settle those whose outcome is not known, and let old ones expire.
package struct ApplyAdChanges: RecurringAccountJob {
  package static let name = "apply_ad_changes"
  package static let queue = ProcessBudgetOptimization.queue
  package static let usualSchedule = "5m"
  /// What could not be applied is tried again with the next one, so that a few attempts suffice.
  package static let retryPolicy = RetryPolicy(maximumAttempts: 5)

  package let accountID: AccountID

  /// One waiting for the account is enough.
  package var uniqueKey: String? { "all" }

  package init(accountID: AccountID) {
    self.accountID = accountID
  }
}

/// Propose to pause ad sets that spend today with nothing to show.
package struct StopSameDay: RecurringAccountJob {
  package static let name = "stop_same_day"
  package static let queue = ProcessBudgetOptimization.queue
  package static let usualSchedule = "30m"

  package let accountID: AccountID

  /// One waiting for the account is enough.
  package var uniqueKey: String? { "all" }

  package init(accountID: AccountID) {
    self.accountID = accountID
  }
}
