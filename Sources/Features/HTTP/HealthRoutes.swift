import Database
import Formats

/// Whether the process lives and can do its work. Nothing else is told, since anybody may ask.
public struct HealthRoutes: Sendable {
  /// The database that readiness depends on.
  public let database: any Database

  /// Takes what the answers depend on.
  public init(database: any Database) {
    self.database = database
  }

  /// `/healthz` and `/readyz`.
  public var endpoints: [Endpoint] {
    [
      Endpoint(
        .get, "/healthz", operationID: "health", summary: "Whether the process lives.", tag: "Operations",
        access: .open, response: Self.statusSchema
      ) { _ in
        Reply.object { $0.member("status", "ok") }
      },
      Endpoint(
        .get, "/readyz", operationID: "readiness", summary: "Whether the database answers.", tag: "Operations",
        access: .open, response: Self.statusSchema
      ) { _ in
        try await database.read { _ = try $0.query("SELECT 1 AS one") }
        return Reply.object { $0.member("status", "ready") }
      },
    ]
  }

  private static let statusSchema = Schema.object(required: [("status", .string("`ok` or `ready`."))])
}
