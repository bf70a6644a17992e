import Jobs
import Values

/// Judge the wear of every running ad of an account.
package struct MonitorFatigue: Job {
  /// The task's name.
  package static let name = "monitor_fatigue"
  /// The line it stands in.
  package static let queue = QueueName.fatigueMonitoring

  /// The account.
  package let accountID: AccountID

  /// One waiting for the account is enough.
  package var uniqueKey: String? { "all" }

  /// Takes the account.
  package init(accountID: AccountID) {
    self.accountID = accountID
  }
}
