import Jobs
import Values

extension QueueName {
  package static let hubSpotWebhookEvents = QueueName(rawValue: "hubspot-webhook-events")
}

/// Applies HubSpot's events about a deal, and reads the deal from HubSpot where a token allows that.
package struct ProcessHubSpotWebhook: AccountJob {
  package static let name = "process_hubspot_webhook"
  package static let queue = QueueName.hubSpotWebhookEvents
  /// HubSpot may be down for a day: twenty attempts take about four hours, and reconciling pushes the job again.
  package static let retryPolicy = RetryPolicy(maximumAttempts: 20)

  package let accountID: AccountID
  package let portalID: Int64
  package let dealID: String
  /// Whether reconciling pushed it; then repairs are counted.
  package let isRepair: Bool?

  /// A deal has at most one waiting job, however many events it has.
  package var uniqueKey: String? { dealID }

  package init(accountID: AccountID, portalID: Int64, dealID: String, isRepair: Bool = false) {
    self.accountID = accountID
    self.portalID = portalID
    self.dealID = dealID
    self.isRepair = isRepair ? true : nil
  }
}

/// Compares an account's deals with HubSpot's and pushes a job for each that differs.
package struct ReconcileHubSpot: RecurringAccountJob {
  package static let name = "reconcile_hubspot"
  package static let queue = QueueName.hubSpotWebhookEvents
  package static let usualSchedule = "15m"

  package let accountID: AccountID

  /// One waiting job for the account is enough.
  package var uniqueKey: String? { "all" }

  package init(accountID: AccountID) {
    self.accountID = accountID
  }
}
