import Accounts
import Jobs
import Web

extension Feature {
  /// HubSpot: its webhooks, their processing, and the state of its portals.
  package static func hubSpot(
    intake: HubSpotIntake, status: HubSpotStatusService, processor: HubSpotProcessor, accounts: AccountService
  ) -> Feature {
    Feature(
      endpoints: HubSpotRoutes(intake: intake, status: status).endpoints,
      jobs: [
        // Its only write completes the job, which proves that the account is the one it was pushed for.
        JobHandling(ProcessHubSpotWebhook.self, processor.process),
        accounts.handling(ReconcileHubSpot.self, by: processor.reconcile),
      ],
      retentions: [
        Retention("hubspot_deals", every: .seconds(86_400), batch: 1_000, remove: status.removeGoneDeals),
        Retention("waiting_hubspot_events", every: .seconds(3_600), batch: 1_000, remove: status.removeWaiting),
      ],
      metrics: [status.metrics])
  }
}
