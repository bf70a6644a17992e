import Jobs
import Values

/// Judge the wear of every running ad of an account.
public struct MonitorFatigue: Job {
  /// The task's name.
  public static let name = "monitor_fatigue"
  /// The line it stands in.
  public static let queue = QueueName.fatigueMonitoring

  /// The account.
  public let accountID: AccountID

  /// One waiting for the account is enough.
  public var uniqueKey: String? { "all" }

  /// Takes the account.
  public init(accountID: AccountID) {
    self.accountID = accountID
  }
}
