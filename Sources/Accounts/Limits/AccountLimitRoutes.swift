import Formats
import Values
import Web

/// What an account may send and store, and how much it stores.
package struct AccountLimitRoutes: Sendable {
  private let lifecycle: AccountLifecycleService

  package init(lifecycle: AccountLifecycleService) {
    self.lifecycle = lifecycle
  }

  /// The route.
  package var endpoints: [Endpoint] {
    [
      Endpoint(
        .get, "/api/accounts/{account_id}/limits", operationID: "getLimits",
        summary: "What the account may send and store, and how much it stores.", tag: "Accounts",
        access: .role(.viewer), response: AccountLimitCoding.schema(lifecycle.quotas)
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
      for usage in usage.quotas {
        json.key(usage.quota.name)
        json.object { json in
          json.member("limit", usage.limit)
          json.member("used", usage.used)
        }
      }
    }
  }

  /// A retention as recorded in the audit log.
  static func value(_ retention: DecisionRetention) -> JSONValue {
    ["days": .number("\(retention.days)"), "count": .number("\(retention.count)")]
  }

  /// The quotas that are set, as recorded in the audit log.
  static func value(_ limits: AccountQuotas, of quotas: [Quota]) -> JSONValue {
    .object(
      JSONObject(quotas.map { (key: $0.name, value: limits[$0].map { .number("\($0)") } ?? .null) }))
  }

  private static func schema(_ quota: Quota) -> Schema {
    .object(required: [
      ("limit", Schema.integer("\(quota.subject), at most; none where there is no limit.", Quota.range).orNull()),
      ("used", .integer("How many there are now.", 0...Int(Int32.max))),
    ])
  }

  static func schema(_ quotas: [Quota]) -> Schema {
    Schema.object(required: [
      ("account_id", .string("The account.")),
      (
        "requests_per_minute", .integer("Sustained requests per minute, for each server process.", RequestRate.range)
      ),
      ("burst", .integer("Requests in a burst after a pause.", RequestRate.range)),
      (
        "decision_retention",
        .object(required: [
          ("days", .integer("Days for which complete decisions are kept.", DecisionRetention.dayRange)),
          ("count", .integer("How many of the latest complete decisions are kept.", DecisionRetention.countRange)),
        ])
      ),
      ("quotas", .object(required: quotas.map { ($0.name, schema($0)) })),
    ]).named("Limits")
  }
}
