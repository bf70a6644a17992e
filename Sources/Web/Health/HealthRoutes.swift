import Formats
import Storage
import Values

/// Whether the process lives and can do its work. Nothing else is told, since anybody may ask.
package struct HealthRoutes: Sendable {
  private let readiness: ReadinessProbe

  /// Takes what the answers depend on; `clock` tells the present moment.
  package init(database: any Database, clock: @escaping @Sendable () -> Instant) {
    readiness = ReadinessProbe(database: database, clock: clock)
  }

  /// `/healthz` and `/readyz`.
  package var endpoints: [Endpoint] {
    [
      Endpoint(
        .get, "/healthz", operationID: "health", summary: "Whether the process lives.", tag: "Operations",
        access: .open, response: Self.statusSchema
      ) { _ in
        Reply.object { $0.member("status", "ok") }
      },
      Endpoint(
        .get, "/readyz", operationID: "readiness",
        summary: "Whether the database can be read and written, looked at once a second.", tag: "Operations",
        access: .open, response: Self.statusSchema
      ) { _ in
        try await readiness.check()
        return Reply.object { $0.member("status", "ready") }
      },
    ]
  }

  private static let statusSchema = Schema.object(required: [("status", .string("`ok` or `ready`."))])
}
