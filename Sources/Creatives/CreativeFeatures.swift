import Accounts
import Values
import Web

extension Feature {
  /// What ads are made of.
  package static func creativeDNA(_ creatives: CreativeDNAService) -> Feature {
    Feature(endpoints: CreativeDNARoutes(creatives: creatives).endpoints, quotas: [.creativeDNA])
  }

  /// The memory of winners, and embeddings as it makes them.
  package static func winners(
    _ winners: WinnerService, indexer: WinnerIndexer, embedder: CheckedEmbedder, accounts: AccountService
  ) -> Feature {
    Feature(
      endpoints: WinnerRoutes(winners: winners).endpoints + EmbeddingRoutes(embedder: embedder).endpoints,
      jobs: [accounts.handling(AutoIndexWinner.self, by: indexer.index)])
  }
}
