import Accounts
import Web

extension Feature {
  /// Meta: connections of accounts with ad accounts, and the data read from them.
  package static func meta(
    connections: MetaConnectionService, sync: MetaSyncService, objects: AdObjectService, accounts: AccountService
  ) -> Feature {
    Feature(
      endpoints: MetaRoutes(connections: connections).endpoints,
      jobs: [accounts.handling(SyncMetaInsights.self, by: sync.sync)],
      retentions: [
        Retention("deleted_ad_objects", every: .seconds(86_400), batch: 1_000, remove: objects.removeDeleted)
      ],
      metrics: [connections.metrics])
  }
}
