import Jobs
import Values

/// Remember an ad that won: left at feedback and at deals' moves.
public struct AutoIndexWinner: Job {
  /// The task's name.
  public static let name = "auto_index_winner"
  /// The line it stands in.
  public static let queue = QueueName.fatigueMonitoring

  /// The account.
  public let accountID: AccountID
  /// The ad.
  public let adID: AdID

  /// An ad waits once, however often it wins meanwhile.
  public var uniqueKey: String? { adID.value }

  /// Takes the ad and whose it is.
  public init(accountID: AccountID, adID: AdID) {
    self.accountID = accountID
    self.adID = adID
  }
}

/// Judge every running ad of an account and leave a job for each winner.
public struct FindWinners: Job {
  /// The task's name.
  public static let name = "find_winners"
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
