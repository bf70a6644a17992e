import Jobs
import Values

/// Bring a deal up to date with HubSpot's events of it, and with HubSpot itself where a token allows.
public struct ProcessHubSpotWebhook: Job {
  /// The task's name.
  public static let name = "process_hubspot_webhook"
  /// The line it stands in.
  public static let queue = QueueName.hubSpotWebhookEvents
  /// HubSpot can be away for a day: twenty attempts take about four hours, and reconciling starts over.
  public static let retryPolicy = RetryPolicy(maximumAttempts: 20)

  /// The account.
  public let accountID: AccountID
  /// HubSpot's account.
  public let portalID: Int64
  /// The deal.
  public let dealID: String
  /// Whether reconciling asks, which counts what it has to repair.
  public let isRepair: Bool?

  /// A deal waits once, however many events it has.
  public var uniqueKey: String? { dealID }

  /// Takes the deal and whose it is.
  public init(accountID: AccountID, portalID: Int64, dealID: String, isRepair: Bool = false) {
    self.accountID = accountID
    self.portalID = portalID
    self.dealID = dealID
    self.isRepair = isRepair ? true : nil
  }
}

/// Compare an account's deals with HubSpot's and leave a job for each that differs.
public struct ReconcileHubSpot: Job {
  /// The task's name.
  public static let name = "reconcile_hubspot"
  /// The line it stands in.
  public static let queue = QueueName.hubSpotWebhookEvents

  /// The account.
  public let accountID: AccountID

  /// One waiting for the account is enough.
  public var uniqueKey: String? { "all" }

  /// Takes the account.
  public init(accountID: AccountID) {
    self.accountID = accountID
  }
}
