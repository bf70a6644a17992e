import Database
import Formats

/// Whether the process lives and can do its work, and what the API is.
public struct HealthRoutes: Sendable {
  /// The database that readiness depends on.
  public let database: any Database
  /// The release of this program.
  public let version: String

  /// Takes what the answers depend on.
  public init(database: any Database, version: String) {
    self.database = database
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
        .get, "/readyz", operationID: "readiness", summary: "Whether the database answers.", tag: "Operations",
        access: .open, response: Self.statusSchema
      ) { _ in
        try await database.read { _ = try $0.query("SELECT 1 AS one") }
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
