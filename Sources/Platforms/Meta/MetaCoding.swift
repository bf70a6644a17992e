import Formats
import RemoteAPIs
import Values
import Web

/// A connection with Meta as JSON.
enum MetaCoding {
  /// An admin's request.
  struct Request {
    let adAccount: MetaAdAccountID
    let token: Secret?
  }

  /// Reads an admin's request. Throws an ``APIError`` that names each invalid field, and never a token.
  static func read(_ body: [UInt8]) throws -> Request {
    try FieldReader.read(body) { json, fields in
      var (adAccount, token) = (MetaAdAccountID?.none, Secret?.none)
      var isGiven = false
      try json.readObject { key, json in
        switch key {
        case "ad_account":
          isGiven = true
          guard let text = try fields.string(key, &json, at: .root, maxBytes: 40) else { return }
          adAccount = MetaAdAccountID(text)
          if adAccount == nil { fields.note(key, text, MetaAdAccountID.rule) }
        case "access_token":
          if try json.readNull() { return }
          token = try self.token(&json, &fields)
        default: try fields.unknown(key, &json, at: .root, known: "access_token, ad_account")
        }
      }
      if !isGiven { fields.missing("ad_account", at: .root) }
      return adAccount.map { Request(adAccount: $0, token: token) }
    }
  }

  /// A token that violates the rule is not repeated in the answer.
  private static func token(_ json: inout JSONReader, _ fields: inout FieldReader) throws -> Secret? {
    var token: MetaAccessToken?
    if try json.peekKind() == .string { token = MetaAccessToken(try json.readString()) } else { try json.skipValue() }
    if token == nil { fields.note("access_token", "not shown", MetaAccessToken.rule) }
    return token?.secret
  }

  static func reply(_ account: AccountID, _ status: MetaConnectionService.Status) -> Reply {
    Reply.object { json in
      json.member("account_id", account.value)
      json.member("ad_account", status.connection.map { "\($0.adAccount)" })
      json.member("token_source", status.connection?.tokenSource.rawValue)
      json.member("connected_at", status.connection?.connectedAt.description)
      json.member("verified_at", status.connection?.verifiedAt?.description)
      json.member("synced_at", status.connection?.syncedAt?.description)
      json.member("synced_until", status.connection?.syncedUntil?.description)
      json.member("problem", status.connection?.problem)
      json.key("findings")
      json.array { json in
        for finding in status.findings {
          json.object { json in
            json.member("name", finding.name)
            json.member("is_fine", finding.isFine)
            json.member("finding", finding.text)
          }
        }
      }
      json.key("objects")
      json.object { json in
        json.member("campaigns", status.objects[.campaign] ?? 0)
        json.member("ad_sets", status.objects[.adSet] ?? 0)
        json.member("ads", status.objects[.ad] ?? 0)
      }
      json.key("history")
      json.object { json in
        json.member("days", status.history.days)
        json.member("days_read", status.history.daysDone)
        json.member("rows", status.history.rows)
        json.key("failed")
        json.array { json in
          for chunk in status.history.failed.prefix(50) {
            json.object { json in
              json.member("first_day", chunk.first.description)
              json.member("last_day", chunk.last.description)
              json.member("problem", chunk.problem)
            }
          }
        }
      }
    }
  }

  static let request = Schema.object(
    required: [("ad_account", adAccount)],
    optional: [
      (
        "access_token",
        .string(
          "A token for the ad account, stored sealed and never shown; by default the server's own.",
          length: 1...2_000, pattern: "^[!-~]+$"
        ).orNull()
      )
    ]
  ).named("MetaConnectionRequest")

  private static let adAccount = Schema.string(
    "The ad account's id, with or without `act_`.", length: 1...36, pattern: "^(act_)?[0-9]{1,32}$")

  static let status = Schema.object(required: [
    ("account_id", .string("The account.")),
    ("ad_account", .string("The ad account; null where none is connected.").orNull()),
    (
      "token_source",
      .choice(
        "Whether the token is the account's own in the environment, the server's, or a stored one.",
        MetaConnection.TokenSource.allCases.map(\.rawValue)
      ).orNull()
    ),
    ("connected_at", .formatted("When it was connected.", "date-time").orNull()),
    ("verified_at", .formatted("When the token first opened the ad account.", "date-time").orNull()),
    ("synced_at", .formatted("When figures were last read.", "date-time").orNull()),
    ("synced_until", .formatted("The last day that was read.", "date").orNull()),
    ("problem", .string("Why the last sync failed.").orNull()),
    (
      "findings",
      .array(
        of: .object(required: [
          ("name", .string("What was checked.")), ("is_fine", .bool("Whether nothing has to be done.")),
          ("finding", .string("What was found and what to do.")),
        ]))
    ),
    (
      "objects",
      .object(required: [
        ("campaigns", .integer("Campaigns that exist.")), ("ad_sets", .integer("Ad sets that exist.")),
        ("ads", .integer("Ads that exist.")),
      ])
    ),
    (
      "history",
      .object(required: [
        ("days", .integer("Days of the past to be read.")), ("days_read", .integer("Days that were read.")),
        ("rows", .integer("Rows (ad and day) in them.")),
        (
          "failed",
          .array(
            of: .object(required: [
              ("first_day", .formatted("The first day of the part.", "date")),
              ("last_day", .formatted("The last one.", "date")),
              ("problem", .string("Why Meta's report for it failed.").orNull()),
            ]))
        ),
      ])
    ),
  ]).named("MetaStatus")
}
