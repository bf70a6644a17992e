import Jobs
import Values

/// Judges the wear of every running ad of an account.
package struct MonitorFatigue: RecurringAccountJob {
  package static let name = "monitor_fatigue"
  package static let queue = QueueName(rawValue: "fatigue-monitoring")
  package static let usualSchedule = "6h"

  package let accountID: AccountID

  /// One waiting job for the account is enough.
  package var uniqueKey: String? { "all" }

  package init(accountID: AccountID) {
    self.accountID = accountID
  }
}
