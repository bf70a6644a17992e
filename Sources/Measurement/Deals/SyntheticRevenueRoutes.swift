import Accounts
import DecisionEngine
import Formats
import Values
import Web

/// The worth of deals, over HTTP.
package struct SyntheticRevenueRoutes: Sendable {
  private let accounts: AccountService

  package init(accounts: AccountService) {
    self.accounts = accounts
  }

  package var endpoints: [Endpoint] {
    [
      Endpoint(
        .post, "/api/ml/synthetic-revenue/calculate", operationID: "calculateSyntheticRevenue",
        summary: "What a deal's move from one stage to another is worth.", tag: "Synthetic revenue",
        access: .role(.operator), request: SyntheticRevenueCoding.moveRequest,
        response: SyntheticRevenueCoding.moveResponse, handle: calculate),
      Endpoint(
        .post, "/api/ml/synthetic-revenue/ad-roas", operationID: "calculateAdROAS",
        summary: "What an ad's deals return for each unit spent, in the pipeline and in cash.",
        tag: "Synthetic revenue", access: .role(.operator), request: SyntheticRevenueCoding.roasRequest,
        response: SyntheticRevenueCoding.roasResponse, handle: adROAS),
      Endpoint(
        .post, "/api/ml/synthetic-revenue/get-stages", operationID: "getStages",
        summary: "The account's stages and what a deal in each is worth.", tag: "Synthetic revenue",
        access: .role(.viewer), request: SyntheticRevenueCoding.stagesRequest,
        response: SyntheticRevenueCoding.stagesResponse, handle: stages),
    ]
  }

  @Sendable private func calculate(_ call: Call) async throws -> Reply {
    let caller = try call.caller()
    let request = try SyntheticRevenueCoding.readMove(call.body, caller: caller)
    let configuration = try await accounts.configuration(of: caller.accountID)
    let from = try request.from.map { try stage($0, field: "stage_from", configuration) }
    let to = try stage(request.to, field: "stage_to", configuration)
    return SyntheticRevenueCoding.reply(
      SyntheticRevenue(from: from, to: to, amount: request.amount), currency: configuration.currency)
  }

  @Sendable private func adROAS(_ call: Call) async throws -> Reply {
    let caller = try call.caller()
    let request = try SyntheticRevenueCoding.readROAS(call.body, caller: caller)
    let configuration = try await accounts.configuration(of: caller.accountID)
    var totals = PipelineTotals.zero
    for (index, deal) in request.deals.enumerated() {
      let stage = try stage(deal.stage, field: "deals[\(index)].stage", configuration)
      try totals.add(
        pipelineValue: SyntheticRevenue.value(of: stage, amount: deal.amount),
        cashRevenue: SyntheticRevenue.cash(of: stage, amount: deal.amount))
    }
    return SyntheticRevenueCoding.reply(
      request.adID, spend: request.spend, deals: request.deals.count, totals, currency: configuration.currency)
  }

  @Sendable private func stages(_ call: Call) async throws -> Reply {
    let caller = try call.caller()
    try SyntheticRevenueCoding.readAccountOnly(call.body, caller: caller)
    let configuration = try await accounts.configuration(of: caller.accountID)
    return Reply.object { json in
      json.member("account_id", caller.accountID.value)
      json.member("currency", configuration.currency.code)
      json.money("aov", configuration.aov)
      json.key("stages")
      StageCoding.write(configuration.stages, as: .answered, to: &json)
    }
  }

  private func stage(_ name: String, field: String, _ configuration: AccountConfiguration) throws -> DealStage {
    guard let stage = configuration.stages.stage(named: name) else {
      let names = configuration.stages.stages.map(\.name).joined(separator: ", ")
      throw APIError.invalid(field: field, value: name, rule: "must be one of the account's stages: \(names)")
    }
    return stage
  }
}
