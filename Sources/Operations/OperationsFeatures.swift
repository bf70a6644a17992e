import Accounts
import Jobs
import Values
import Web

extension Feature {
  /// Jobs as operators see them.
  package static func jobs(
    _ queue: DatabaseJobQueue, operators: JobOperatorService, clock: @escaping @Sendable () -> Instant
  ) -> Feature {
    Feature(
      endpoints: JobRoutes(queue: queue, operators: operators).endpoints,
      retentions: [
        Retention("jobs", every: .seconds(600), batch: 1_000) { try await queue.prune(.standard, limit: $0) }
      ],
      metrics: [JobMetrics(queue: queue, clock: clock).read], quotas: [.waitingJobs])
  }
}
