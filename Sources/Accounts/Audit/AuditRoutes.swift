import Formats
import Values
import Web

/// An account's audit log over HTTP.
package struct AuditRoutes: Sendable {
  private let audit: AuditService

  package init(audit: AuditService) {
    self.audit = audit
  }

  /// The route.
  package var endpoints: [Endpoint] {
    [
      Endpoint(
        .get, "/api/audit-log", operationID: "listAuditLog",
        summary: "Who changed what of the account, newest first. Lines are never changed or removed.", tag: "Accounts",
        access: .role(.viewer),
        query: [
          QueryParameter("before", .text("Only lines before this one: the last line of the previous page.")),
          QueryParameter("limit", .integer("The most lines to return; 100 by default.", 1...AuditService.page)),
        ], response: AuditCoding.list, handle: list)
    ]
  }

  @Sendable private func list(_ call: Call) async throws -> Reply {
    let account = try call.caller().accountID
    let before = try call.queryParameters["before"].map { text in
      guard let id = TimedID(text) else {
        throw APIError.invalid(field: "before", value: text, rule: "must be the id of a line of the log")
      }
      return id
    }
    let entries = try await audit.list(
      of: account, before: before, limit: try call.integer("limit", in: 1...AuditService.page) ?? 100)
    return try Reply.object { json in
      json.key("entries")
      try json.array { json in for entry in entries { try AuditCoding.write(entry, to: &json) } }
    }
  }
}

/// Lines of the audit log as JSON.
package enum AuditCoding {
  /// Writes a line as an object.
  package static func write(_ entry: AuditEntry, to json: inout JSONWriter) throws {
    try json.object { json in
      json.member("id", entry.id.description)
      json.member("at", entry.at.description)
      json.member("actor", entry.actor)
      json.member("action", entry.action)
      json.member("subject", entry.subject)
      json.key("before")
      try write(entry.before, to: &json)
      json.key("after")
      try write(entry.after, to: &json)
      json.member("line", entry.line)
      json.member("hash", entry.hash)
    }
  }

  private static func write(_ text: String?, to json: inout JSONWriter) throws {
    guard let text else { return json.null() }
    try JSONReader.read(text) { try $0.readValue() }.write(to: &json)
  }

  static let list = Schema.object(required: [
    (
      "entries",
      .array(
        of: .object(required: [
          ("id", .string("The line; ids sort by time.")), ("at", .formatted("When.", "date-time")),
          ("actor", .string("The id of the key, `cli:USER` or `system`.")),
          ("action", .string("What was done, such as `configuration_changed`.")),
          ("subject", .string("To what.")), ("before", .anything), ("after", .anything),
          ("line", .integer("Its number in the account's chain; null for lines older than the chain.").orNull()),
          ("hash", .string("The SHA-256 of the hash before it and of the line.").orNull()),
        ]))
    )
  ])
}
