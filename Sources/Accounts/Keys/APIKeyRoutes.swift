import Formats
import Values
import Web

/// An account's API keys over HTTP, for its admins. A key's text is only in the answer that creates it.
package struct APIKeyRoutes: Sendable {
  private let keys: APIKeyService
  private let clock: @Sendable () -> Instant

  package init(keys: APIKeyService, clock: @escaping @Sendable () -> Instant) {
    self.keys = keys
    self.clock = clock
  }

  package var endpoints: [Endpoint] {
    [
      Endpoint(
        .get, "/api/keys", operationID: "listKeys", summary: "The account's keys, oldest first, without their text.",
        tag: "Accounts", access: .role(.admin), response: APIKeyCoding.list
      ) { call in
        let listed = try await keys.list(of: try call.caller().accountID)
        return Reply.object { json in
          json.key("keys")
          json.array { json in
            for key in listed { json.object { APIKeyCoding.write(key, to: &$0) } }
          }
        }
      },
      Endpoint(
        .post, "/api/keys", operationID: "createKey", summary: "Creates a key and shows it, only this once.",
        tag: "Accounts", access: .role(.admin), request: APIKeyCoding.draft, response: APIKeyCoding.made,
        otherAnswers: [.conflict], handle: create),
      Endpoint(
        .post, "/api/keys/{key_id}/revoke", operationID: "revokeKey",
        summary: "Revokes a key: it is refused within a second.", tag: "Accounts", access: .role(.admin),
        response: APIKeyCoding.key
      ) { call in
        let caller = try call.caller()
        let key = try await keys.revoke(call.pathParameters["key_id"] ?? "", of: caller.accountID, by: caller.actor)
        return Reply.object { APIKeyCoding.write(key, to: &$0) }
      },
    ]
  }

  @Sendable private func create(_ call: Call) async throws -> Reply {
    let caller = try call.caller()
    let draft = try APIKeyCoding.read(call.body, now: clock())
    let made = try await keys.create(draft, for: caller.accountID, by: caller.actor)
    let key = try await keys.key(made.id, of: caller.accountID)
    return Reply.object { json in
      json.member("key", made.token)
      APIKeyCoding.write(key, to: &json)
    }
  }
}

/// API keys as JSON.
enum APIKeyCoding {
  /// Writes a key's fields into an open object.
  static func write(_ key: APIKey, to json: inout JSONWriter) {
    json.member("key_id", key.id)
    json.member("role", key.role.rawValue)
    json.member("name", key.name)
    json.member("created_at", key.createdAt.description)
    json.member("last_used_at", key.lastUsedAt?.description)
    json.member("expires_at", key.expiresAt?.description)
    json.member("revoked_at", key.revokedAt?.description)
  }

  /// Reads the properties of a new key.
  static func read(_ body: [UInt8], now: Instant) throws -> APIKeyDraft {
    try FieldReader.read(body) { json, fields in
      var (role, name, days) = (Role?.none, "", Int?.none)
      var given = Set<String>()
      try json.readObject { key, json in
        given.insert(key)
        if ["name", "expires_in_days"].contains(key), try json.readNull() { return }
        switch key {
        case "role": role = try fields.choice(key, &json, at: .root)
        case "name": name = try fields.string(key, &json, at: .root, maxBytes: 4 * APIKey.nameLimit) ?? ""
        case "expires_in_days": days = try fields.integer(key, &json, at: .root, in: 1...3650)
        default: try fields.unknown(key, &json, at: .root, known: "expires_in_days, name, role")
        }
      }
      if !given.contains("role") { fields.missing("role", at: .root) }
      return role.map {
        APIKeyDraft(role: $0, name: name, expiresAt: days.map { now.adding(seconds: Int64($0) * 86_400) })
      }
    }
  }

  private static let fields: [(String, Schema)] = [
    ("key_id", .string("The key's public id.")),
    ("role", .choice("What its holder may do.", Role.allCases.map(\.rawValue))),
    ("name", .string("A name for people.")), ("created_at", .formatted("When it was created.", "date-time")),
    ("last_used_at", .formatted("When it was last used, to the minute.", "date-time").orNull()),
    ("expires_at", .formatted("The moment from which it is refused.", "date-time").orNull()),
    ("revoked_at", .formatted("When it was revoked.", "date-time").orNull()),
  ]

  static let key = Schema.object(required: fields).named("Key")
  static let list = Schema.object(required: [("keys", .array(of: key))])
  static let made = Schema.object(required: [("key", .string("The key itself, shown only this once."))] + fields)
    .named("NewKey")

  static let draft = Schema.object(
    required: [("role", .choice("What its holder may do.", Role.allCases.map(\.rawValue)))],
    optional: [
      ("name", .text("A name for people.", length: 0...APIKey.nameLimit)),
      ("expires_in_days", .integer("After how many days it is refused; never by default.", 1...3650)),
    ]
  ).named("KeyDraft")
}
