import Jobs
import Values

extension QueueName {
  /// Launches have their own queue: uploading a large video must not keep figures from being read.
  package static let launches = QueueName(rawValue: "launches")
}

/// Brings a launch as far as possible now, and pushes itself again for the rest.
package struct RunLaunch: AccountJob {
  package static let name = "run_launch"
  package static let queue = QueueName.launches
  /// A run ends by itself long before: see ``LaunchService``.
  package static let timeLimit: Duration = .seconds(3_600)

  package let accountID: AccountID
  /// The launch's id.
  package let launchID: String

  /// One waiting job for each launch is enough.
  package var uniqueKey: String? { launchID }

  package init(accountID: AccountID, launchID: TimedID) {
    self.accountID = accountID
    self.launchID = launchID.description
  }
}
