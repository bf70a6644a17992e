import Accounts
import Execution
import Formats
import Values
import Web

/// Execution over HTTP: an account's execution settings, and the switch that stops its changes.
package struct ExecutionRoutes: Sendable {
  private let settings: ExecutionSettingsService

  package init(settings: ExecutionSettingsService) {
    self.settings = settings
  }

  package var endpoints: [Endpoint] {
    [
      Endpoint(
        .get, "/api/accounts/{account_id}/execution-settings", operationID: "getExecutionSettings",
        summary: "The account's execution settings, and whether execution is stopped.", tag: "Execution",
        access: .role(.viewer), response: ExecutionSettingsCoding.response
      ) { call in
        let account = try call.ownAccount()
        return Self.reply(account, try await settings.state(of: account))
      },
      Endpoint(
        .put, "/api/accounts/{account_id}/execution-settings", operationID: "putExecutionSettings",
        summary: "Changes the fields given; the others stay. The mode leaves `observe` only once all amounts are set.",
        tag: "Execution", access: .role(.admin), request: ExecutionSettingsCoding.request,
        response: ExecutionSettingsCoding.response, handle: put),
      Endpoint(
        .post, "/api/execution/stop", operationID: "stopExecution",
        summary:
          "Stops all writes for the account within a second, and names those that were already sent. Budgets stay "
          + "as they are, and ads keep delivering.",
        tag: "Execution", access: .role(.operator), query: [QueryParameter("reason", Self.reason)],
        response: Self.stopped, handle: stop),
      Endpoint(
        .post, "/api/execution/resume", operationID: "resumeExecution",
        summary: "Lets the account's changes be written again.", tag: "Execution", access: .role(.admin),
        response: ExecutionSettingsCoding.response
      ) { call in
        let caller = try call.caller()
        _ = try await settings.resume(caller.accountID, by: caller.actor)
        return Self.reply(caller.accountID, try await settings.state(of: caller.accountID))
      },
    ]
  }

  @Sendable private func put(_ call: Call) async throws -> Reply {
    let account = try call.ownAccount()
    let currency = try await settings.state(of: account).currency
    let changes = try ExecutionSettingsCoding.readChanges(call.body, currency)
    return Self.reply(account, try await settings.update(account, by: call.caller().actor, changes))
  }

  @Sendable private func stop(_ call: Call) async throws -> Reply {
    let caller = try call.caller()
    let reason = try call.text("reason", length: 1...200) ?? "no reason given"
    let report = try await settings.stop(caller.accountID, by: caller.actor, reason: reason)
    return Reply.object { json in
      json.member("account_id", caller.accountID.value)
      json.key("stopped")
      ExecutionSettingsCoding.write(report.stop, to: &json)
      json.key("could_not_stop")
      json.array { json in
        for change in report.underWay {
          json.object { json in
            json.member("change_id", change.change.description)
            json.member("object_id", change.object)
          }
        }
      }
    }
  }

  private static func reply(_ account: AccountID, _ state: ExecutionSettingsService.State) -> Reply {
    var json = JSONWriter()
    ExecutionSettingsCoding.write(state, of: account, to: &json)
    return Reply(json: json.bytes)
  }

  static let reason = Schema.text("Why, for the record.", length: 1...200)

  private static let stopped = Schema.object(required: [
    ("account_id", .string("The account.")),
    ("stopped", ExecutionSettingsCoding.stop),
    (
      "could_not_stop",
      .array(
        of: .object(required: [
          ("change_id", .string("A change whose write was already sent.")),
          ("object_id", .string("The object of the change.")),
        ]))
    ),
  ])
}
