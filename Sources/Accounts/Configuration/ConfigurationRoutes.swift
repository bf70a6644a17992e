import Formats
import Values
import Web

/// Reads and changes an account's configuration, and shows its history.
package struct ConfigurationRoutes: Sendable {
  private let accounts: AccountService
  private let figures: any AccountValuation

  package init(accounts: AccountService, figures: any AccountValuation) {
    self.accounts = accounts
    self.figures = figures
  }

  private static let tag = AnswerHeader(
    "ETag", .string("The version as an entity tag, for If-Match.", pattern: "^\"[0-9]+\"$"))

  package var endpoints: [Endpoint] {
    [
      Endpoint(
        .get, "/api/accounts/{account_id}/configuration", operationID: "getConfiguration",
        summary: "The account's configuration.", tag: "Accounts", access: .role(.viewer),
        response: accounts.settings.response, answerHeaders: [Self.tag]
      ) { call in
        let account = try call.ownAccount()
        return reply(account, try await accounts.configuration(of: account))
      },
      Endpoint(
        .put, "/api/accounts/{account_id}/configuration", operationID: "putConfiguration",
        summary: "Changes the fields given; the others stay. Changed stage values revalue every deal at once. With "
          + "If-Match only where the version is still the one named; with `dry_run=true` nothing is changed, and the "
          + "answer says what would be.",
        tag: "Accounts", access: .role(.admin),
        query: [QueryParameter("dry_run", .choice("Whether only to report what would change.", ["true", "false"]))],
        headers: ["if-match"], request: accounts.settings.request,
        response: .either(accounts.settings.response, ConfigurationPreviewCoding.schema),
        answerHeaders: [Self.tag], otherAnswers: [.conflict, .preconditionFailed], handle: put),
      Endpoint(
        .get, "/api/accounts/{account_id}/configuration/versions", operationID: "listConfigurationVersions",
        summary: "When the configuration was changed and by whom, newest first.", tag: "Accounts",
        access: .role(.viewer),
        query: [
          QueryParameter("before", .integer("Only versions before this one.", 1...Int(Int32.max))),
          QueryParameter("limit", .integer("The most to return; 100 by default.", 1...AccountService.versionPage)),
        ], response: ConfigurationVersionCoding.list, handle: list),
      Endpoint(
        .get, "/api/accounts/{account_id}/configuration/versions/{version}", operationID: "getConfigurationVersion",
        summary: "The configuration as it was in a version, such as the one a decision names.", tag: "Accounts",
        access: .role(.viewer), response: ConfigurationVersionCoding.version, handle: show),
    ]
  }

  @Sendable private func put(_ call: Call) async throws -> Reply {
    let account = try call.ownAccount()
    let change = try accounts.settings.change(by: call.body)
    let versions = try ConfigurationTag.versions(ifMatch: call.headers["if-match"])
    guard try call.flag("dry_run") else {
      let actor = try call.caller().actor
      return reply(
        account, try await accounts.update(account, figures: figures, by: actor, ifVersion: versions, change))
    }
    let preview = try await accounts.preview(account, figures: figures, ifVersion: versions, change)
    return Reply.object { json in
      json.member("account_id", account.value)
      ConfigurationPreviewCoding.write(preview, to: &json)
    }.with("ETag", ConfigurationTag.text(preview.before.version))
  }

  private func reply(_ account: AccountID, _ configuration: AccountConfiguration) -> Reply {
    Reply.object { json in
      json.member("account_id", account.value)
      accounts.settings.write(configuration, to: &json)
    }.with("ETag", ConfigurationTag.text(configuration.version))
  }

  @Sendable private func list(_ call: Call) async throws -> Reply {
    let account = try call.ownAccount()
    let versions = try await accounts.versions(
      of: account, before: try call.integer("before", in: 1...Int(Int32.max)),
      limit: try call.integer("limit", in: 1...AccountService.versionPage) ?? 100)
    return Reply.object { json in
      json.member("account_id", account.value)
      json.key("versions")
      json.array { json in
        for version in versions { json.object { ConfigurationVersionCoding.write(version, to: &$0) } }
      }
    }
  }

  @Sendable private func show(_ call: Call) async throws -> Reply {
    let account = try call.ownAccount()
    let name = call.pathParameters["version"] ?? ""
    guard let number = Int(name) else { throw APIError.notFound("version \(name) of account \(account)") }
    let stored = try await accounts.version(number, of: account)
    return Reply.object { json in
      json.member("account_id", account.value)
      ConfigurationVersionCoding.write(stored.version, to: &json)
      json.key("configuration")
      stored.configuration.write(to: &json)
    }
  }
}

/// Versions of a configuration as JSON.
enum ConfigurationVersionCoding {
  /// Writes a version's fields into an open object.
  static func write(_ version: ConfigurationVersion, to json: inout JSONWriter) {
    json.member("version", version.version)
    json.member("changed_at", version.changedAt.description)
    json.member("changed_by", version.changedBy)
  }

  private static let fields: [(String, Schema)] = [
    ("version", .integer("Incremented by each change, from 1.", 1...Int(Int32.max))),
    ("changed_at", .formatted("Since when it applied.", "date-time")),
    ("changed_by", .string("The id of the key, `cli:USER`, `system` or, for older versions, `unknown`.")),
  ]

  static let list = Schema.object(required: [
    ("account_id", .string("The account.")), ("versions", .array(of: .object(required: fields))),
  ])

  static let version = Schema.object(
    required: [("account_id", .string("The account."))] + fields + [
      ("configuration", .map("The fields as they were.", of: .anything))
    ])
}

/// A configuration's version as an HTTP entity tag.
enum ConfigurationTag {
  static func text(_ version: Int) -> String { "\"\(version)\"" }

  /// The versions that `If-Match` allows; nil where it allows any. Throws an ``APIError`` with status 400 for anything
  /// but `*` or entity tags. A weak tag never matches, as RFC 9110, section 13.1.1 requires.
  static func versions(ifMatch header: String?) throws -> Set<Int>? {
    guard let header, header != "*" else { return nil }
    var versions: Set<Int> = []
    for part in header.split(separator: ",", omittingEmptySubsequences: false) {
      let tag = part.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed()
      var text = String(tag)
      let isWeak = text.hasPrefix("W/")
      if isWeak { text.removeFirst(2) }
      guard text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else {
        throw APIError(
          .badRequest, "invalid_header", "If-Match must be * or entity tags such as \"3\", as ETag gives them")
      }
      if !isWeak, let version = Int(text.dropFirst().dropLast()) { versions.insert(version) }
    }
    return versions
  }
}
