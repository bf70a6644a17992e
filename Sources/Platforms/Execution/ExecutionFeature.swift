import Accounts
import Decisions
import Jobs
import Storage
import Values
import Web

extension Feature {
  /// Execution: proposing, approving and applying changes.
  package static func execution(
    settings: ExecutionSettingsService, changes: AdChangeService, optimization: OptimizationService,
    remedies: FatigueRemedyService, executor: SafeExecutor, accounts: AccountService
  ) -> Feature {
    Feature(
      endpoints: ExecutionRoutes(settings: settings).endpoints
        + AdChangeRoutes(changes: changes, optimization: optimization).endpoints,
      jobs: [
        accounts.handling(ProcessBudgetOptimization.self, by: optimization.optimize),
        accounts.handling(MonitorFatigue.self, by: remedies.monitor),
        accounts.handling(StopSameDay.self, by: optimization.stopSameDay),
        accounts.handling(ApplyAdChanges.self, by: executor.apply),
      ],
      retentions: [
        Retention("ad_changes", every: .seconds(86_400), batch: 1_000, remove: changes.removeEnded),
        Retention("ad_change_batches", every: .seconds(86_400), batch: 1_000, remove: changes.removeBatches),
      ])
  }
}

extension AdChangeService {
  /// How long changes that have ended, and batches, are kept, in seconds.
  private static let lifetime: Int64 = 400 * 86_400

  /// Removes changes that ended long ago, with their history, at most `limit`; returns how many.
  @Sendable func removeEnded(limit: Int) async throws -> Int {
    let moment = log.clock().adding(seconds: -Self.lifetime)
    return try await database.write { [log] in try log.moves.removeEnded(before: moment, limit: limit, in: $0) }
  }

  /// Removes old batches whose changes have all been removed, at most `limit`; returns how many.
  @Sendable func removeBatches(limit: Int) async throws -> Int {
    let moment = log.clock().adding(seconds: -Self.lifetime)
    return try await database.write { [log] in try log.moves.removeBatches(before: moment, limit: limit, in: $0) }
  }
}
