import Accounts
import Formats
import Values
import Web

/// The memory of winners over HTTP.
package struct WinnerRoutes: Sendable {
  private let winners: WinnerService

  package init(winners: WinnerService) {
    self.winners = winners
  }

  package var endpoints: [Endpoint] {
    [
      Endpoint(
        .post, "/api/ml/rag/search-winners", operationID: "searchWinners",
        summary: "Finds the winners that are closest to a text, an embedding or an ad.", tag: "Winners",
        access: .role(.viewer), request: WinnerSchemas.query, response: WinnerSchemas.findings,
        otherAnswers: [.conflict]
      ) { call in
        let caller = try call.caller()
        let query = try WinnerQueryCoding.read(call.body, caller: caller)
        let stored = try await winners.search(query, of: caller.accountID)
        return WinnerCoding.reply(stored)
      },
      Endpoint(
        .post, "/api/ml/rag/index-winner", operationID: "indexWinner",
        summary: "Remembers an ad as a winner by hand, whatever its figures say.", tag: "Winners",
        access: .role(.operator), request: WinnerSchemas.addition, response: WinnerSchemas.added,
        otherAnswers: [.notFound]
      ) { call in
        let caller = try call.caller()
        let (adID, dna) = try WinnerQueryCoding.readAddition(call.body, caller: caller)
        return WinnerCoding.reply(try await winners.add(adID, dna: dna, of: caller.accountID))
      },
      Endpoint(
        .get, "/api/ml/rag/winners/{ad_id}", operationID: "getWinner",
        summary: "What is remembered of a winner: why it won, and its figures then and now.", tag: "Winners",
        access: .role(.viewer), response: WinnerSchemas.winner
      ) { call in
        let found = try await winners.winner(call.adID(), of: call.caller().accountID)
        return Reply.object { WinnerCoding.writeMembers(of: found, to: &$0) }
      },
      Endpoint(
        .get, "/api/ml/rag/winners", operationID: "listWinners", summary: "The winners, in the order of their ads.",
        tag: "Winners", access: .role(.viewer),
        query: [
          QueryParameter("after", .text("Only ads behind this one: the last of the page before.", length: 1...128)),
          QueryParameter("waiting", .choice("Only those that cannot be searched yet.", ["true", "false"])),
          QueryParameter("limit", .integer("How many at most, 50 unless told.", 1...WinnerService.page)),
        ], response: WinnerSchemas.list, handle: list),
      Endpoint(
        .get, "/api/ml/rag/memory-stats", operationID: "winnerMemoryStats",
        summary: "How many winners are remembered, which wait for what, and what is missing.", tag: "Winners",
        access: .role(.viewer), response: WinnerSchemas.stats
      ) { call in
        WinnerCoding.reply(try await winners.stats(of: call.caller().accountID))
      },
    ]
  }

  @Sendable private func list(_ call: Call) async throws -> Reply {
    let after = try call.text("after", length: 1...128).map { text in
      guard let id = AdID(text) else {
        throw APIError.invalid(field: "after", value: text, rule: "must be \(AdID.rule)")
      }
      return id
    }
    let limit = try call.integer("limit", in: 1...WinnerService.page) ?? 50
    let found = try await winners.list(
      after: after, limit: limit, onlyWaiting: call.flag("waiting"), of: call.caller().accountID)
    return Reply.object { json in
      json.key("winners")
      json.array { json in
        for winner in found { json.object { WinnerCoding.writeMembers(of: winner, to: &$0) } }
      }
    }
  }
}
