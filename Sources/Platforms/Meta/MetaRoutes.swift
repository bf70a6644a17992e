import Accounts
import RemoteAPIs
import Values
import Web

/// The connection of an account with an ad account at Meta, over HTTP. No request waits for Meta: connecting and
/// syncing push a job.
package struct MetaRoutes: Sendable {
  private let connections: MetaConnectionService

  package init(connections: MetaConnectionService) {
    self.connections = connections
  }

  package var endpoints: [Endpoint] {
    [
      Endpoint(
        .get, "/api/meta", operationID: "getMetaStatus",
        summary: "The account's connection with Meta as it was last read: what its token may do, whether currency and "
          + "time zone agree, and how far figures are read.",
        tag: "Meta", access: .role(.viewer), response: MetaCoding.status
      ) { call in
        try await show(call.caller().accountID)
      },
      Endpoint(
        .put, "/api/meta", operationID: "connectMeta",
        summary: "Connects the account with an ad account; figures are read soon after.", tag: "Meta",
        access: .role(.admin), request: MetaCoding.request, response: MetaCoding.status, otherAnswers: [.conflict]
      ) { call in
        let caller = try call.caller()
        let request = try MetaCoding.read(call.body)
        _ = try await connections.connect(
          caller.accountID, to: request.adAccount, token: request.token, as: .accountAdmin, by: caller.actor)
        return try await show(caller.accountID)
      },
      Endpoint(
        .delete, "/api/meta", operationID: "disconnectMeta",
        summary: "Ends the connection and deletes its token; figures stay.", tag: "Meta", access: .role(.admin),
        response: MetaCoding.status, otherAnswers: [.notFound]
      ) { call in
        let caller = try call.caller()
        try await connections.disconnect(caller.accountID, by: caller.actor)
        return try await show(caller.accountID)
      },
      Endpoint(
        .post, "/api/meta/sync", operationID: "syncMeta", summary: "Starts reading figures and campaigns.", tag: "Meta",
        access: .role(.operator), success: .accepted, response: MetaCoding.status, otherAnswers: [.notFound]
      ) { call in
        let account = try call.caller().accountID
        try await connections.orderSync(of: account)
        return try await show(account)
      },
    ]
  }

  private func show(_ account: AccountID) async throws -> Reply {
    MetaCoding.reply(account, try await connections.status(of: account))
  }
}
