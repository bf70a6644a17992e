import Formats
import Values
import Web

/// What an account may send and keep, and how much of it it has.
package struct AccountLimitRoutes: Sendable {
  private let lifecycle: AccountLifecycleService

  /// Takes the service behind the route.
  package init(lifecycle: AccountLifecycleService) {
    self.lifecycle = lifecycle
  }

  /// The route.
  package var endpoints: [Endpoint] {
    [
      Endpoint(
        .get, "/api/accounts/{account_id}/limits", operationID: "getLimits",
        summary: "What the account may send and keep, and how much it keeps.", tag: "Accounts",
        access: .role(.viewer), response: AccountLimitCoding.schema
      ) { call in
        let account = try call.ownAccount()
        let usage = try await lifecycle.usage(of: account)
        return Reply.object { AccountLimitCoding.write(usage, of: account, to: &$0) }
      }
    ]
  }
}

/// Limits as JSON.
enum AccountLimitCoding {
  static func write(_ usage: AccountUsage, of account: AccountID, to json: inout JSONWriter) {
    json.member("account_id", account.value)
    json.member("requests_per_minute", usage.rate.perMinute)
    json.member("burst", usage.rate.burst)
    json.key("decision_retention")
    json.object { json in
      json.member("days", usage.decisionRetention.days)
      json.member("count", usage.decisionRetention.count)
    }
    json.key("quotas")
    json.object { json in
      for resource in AccountQuotas.Resource.allCases {
        json.key(resource.rawValue)
        json.object { json in
          json.member("limit", usage.quotas[resource])
          json.member("used", usage.used[resource] ?? 0)
        }
      }
    }
  }

  /// A retention as the audit log keeps it.
  static func value(_ retention: DecisionRetention) -> JSONValue {
    ["days": .number("\(retention.days)"), "count": .number("\(retention.count)")]
  }

  /// The quotas that are set, as the audit log keeps them.
  static func value(_ quotas: AccountQuotas) -> JSONValue {
    .object(
      JSONObject(
        AccountQuotas.Resource.allCases.map { resource in
          (key: resource.rawValue, value: quotas[resource].map { .number("\($0)") } ?? .null)
        }))
  }

  private static func quota(_ what: String) -> Schema {
    .object(required: [
      ("limit", Schema.integer("\(what) at most; none where there is no limit.", AccountQuotas.range).orNull()),
      ("used", .integer("How many there are now.", 0...Int(Int32.max))),
    ])
  }

  static let schema = Schema.object(required: [
    ("account_id", .string("The account.")),
    ("requests_per_minute", .integer("Requests a minute in the long run, of each server process.", RequestRate.range)),
    ("burst", .integer("Requests at once after a pause.", RequestRate.range)),
    (
      "decision_retention",
      .object(required: [
        ("days", .integer("Days for which decisions are kept whole.", DecisionRetention.dayRange)),
        ("count", .integer("How many of the latest decisions are kept whole.", DecisionRetention.countRange)),
      ])
    ),
    (
      "quotas",
      .object(required: [
        ("decisions", quota("Decisions that are kept,")), ("ads", quota("Ads that have figures,")),
        ("waiting_jobs", quota("Jobs that wait,")),
      ])
    ),
  ]).named("Limits")
}
