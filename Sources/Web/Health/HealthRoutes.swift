import Formats
import Storage
import Values

/// Whether the process is alive and can do its work. Nothing else is revealed, because anybody may ask.
package struct HealthRoutes: Sendable {
  private let readiness: ReadinessProbe

  package init(database: any Database, clock: @escaping @Sendable () -> Instant) {
    readiness = ReadinessProbe(database: database, clock: clock)
  }

  /// `/healthz` and `/readyz`.
  package var endpoints: [Endpoint] {
    [
      Endpoint(
        .get, "/healthz", operationID: "health", summary: "Whether the process is alive.", tag: "Operations",
        access: .open, response: Self.statusSchema
      ) { _ in
        Reply.object { $0.member("status", "ok") }
      },
      Endpoint(
        .get, "/readyz", operationID: "readiness",
        summary: "Whether the database can be read and written, checked at most once a second.", tag: "Operations",
        access: .open, response: Self.statusSchema
      ) { _ in
        try await readiness.check()
        return Reply.object { $0.member("status", "ready") }
      },
    ]
  }

  private static let statusSchema = Schema.object(required: [("status", .string("`ok` or `ready`."))])
}
