import Jobs
import Values

extension QueueName {
  /// Launches have a queue of their own: a large video must not keep figures from being read.
  package static let launches = QueueName(rawValue: "launches")
}

/// Bring a launch as far as it goes now, and come back for the rest.
package struct RunLaunch: AccountJob {
  package static let name = "run_launch"
  package static let queue = QueueName.launches
  /// Work ends by itself long before: see ``LaunchService``.
  package static let timeLimit: Duration = .seconds(3_600)

  package let accountID: AccountID
  /// The launch's id.
  package let launchID: String

  /// One waiting for each launch is enough.
  package var uniqueKey: String? { launchID }

  package init(accountID: AccountID, launchID: TimedID) {
    self.accountID = accountID
    self.launchID = launchID.description
  }
}
