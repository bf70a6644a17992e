import Database
import Formats
import Values

/// Whether the process lives and can do its work, and what the API is.
public struct HealthRoutes: Sendable {
  private let readiness: ReadinessProbe
  /// The release of this program.
  public let version: String

  /// Takes what the answers depend on; `clock` tells the present moment.
  public init(database: any Database, version: String, clock: @escaping @Sendable () -> Instant) {
    readiness = ReadinessProbe(database: database, clock: clock)
    self.version = version
  }

  /// `/healthz` and `/readyz`.
  public var endpoints: [Endpoint] {
    [
      Endpoint(
        .get, "/healthz", operationID: "health", summary: "Whether the process lives.", tag: "Operations",
        access: .open, response: Self.statusSchema
      ) { _ in
        Reply.object { json in
          json.member("status", "ok")
          json.member("version", version)
        }
      },
      Endpoint(
        .get, "/readyz", operationID: "readiness",
        summary: "Whether the database can be read and written, looked at once a second.", tag: "Operations",
        access: .open, response: Self.statusSchema
      ) { _ in
        try await readiness.check()
        return Reply.object { json in
          json.member("status", "ready")
          json.member("version", version)
        }
      },
    ]
  }

  private static let statusSchema = Schema.object(required: [
    ("status", .string("`ok` or `ready`.")), ("version", .string("The release of this program.")),
  ])
}
