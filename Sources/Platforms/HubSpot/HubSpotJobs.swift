import Jobs
import Values

extension QueueName {
  package static let hubSpotWebhookEvents = QueueName(rawValue: "hubspot-webhook-events")
}

/// Bring a deal up to date with HubSpot's events of it, and with HubSpot itself where a token allows.
package struct ProcessHubSpotWebhook: AccountJob {
  package static let name = "process_hubspot_webhook"
  package static let queue = QueueName.hubSpotWebhookEvents
  /// HubSpot can be away for a day: twenty attempts take about four hours, and reconciling starts over.
  package static let retryPolicy = RetryPolicy(maximumAttempts: 20)

  package let accountID: AccountID
  package let portalID: Int64
  package let dealID: String
  /// Whether reconciling asks, which counts what it has to repair.
  package let isRepair: Bool?

  /// A deal waits once, however many events it has.
  package var uniqueKey: String? { dealID }

  /// Takes the deal and whose it is.
  package init(accountID: AccountID, portalID: Int64, dealID: String, isRepair: Bool = false) {
    self.accountID = accountID
    self.portalID = portalID
    self.dealID = dealID
    self.isRepair = isRepair ? true : nil
  }
}

/// Compare an account's deals with HubSpot's and leave a job for each that differs.
package struct ReconcileHubSpot: RecurringAccountJob {
  package static let name = "reconcile_hubspot"
  package static let queue = QueueName.hubSpotWebhookEvents
  package static let usualSchedule = "15m"

  package let accountID: AccountID

  /// One waiting for the account is enough.
  package var uniqueKey: String? { "all" }

  package init(accountID: AccountID) {
    self.accountID = accountID
  }
}
