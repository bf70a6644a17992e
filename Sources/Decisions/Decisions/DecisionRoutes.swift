import Accounts
import DecisionEngine
import Formats
import Measurement
import Values
import Web

/// Decisions over HTTP: `select`, `decide` and `feedback`, and stored decisions.
package struct DecisionRoutes: Sendable {
  private let accounts: AccountService
  private let ads: AdService
  private let decisions: DecisionService
  private let compute: ComputeGate
  private let clock: @Sendable () -> Instant

  /// Long computations run in `compute`.
  package init(
    accounts: AccountService, ads: AdService, decisions: DecisionService, compute: ComputeGate,
    clock: @escaping @Sendable () -> Instant
  ) {
    self.clock = clock
    self.accounts = accounts
    self.ads = ads
    self.decisions = decisions
    self.compute = compute
  }

  package var endpoints: [Endpoint] {
    [
      Endpoint(
        .post, "/api/ml/battle-hardened/select", operationID: "select",
        summary:
          "Splits a budget over ads. With ads in the body nothing is stored; without them the budget is split over the "
          + "account's stored ads, and the decision is stored.",
        tag: "Decisions", access: .role(.operator), request: DecisionSchemas.selectRequest,
        bodyLimit: Endpoint.largeBodyLimit, response: DecisionSchemas.selection, otherAnswers: [.conflict],
        handle: select),
      Endpoint(
        .post, "/api/ml/battle-hardened/decide", operationID: "decide",
        summary: "Judges for each ad whether to kill, scale or maintain it, and why.", tag: "Decisions",
        access: .role(.operator), request: DecisionSchemas.decideRequest,
        bodyLimit: Endpoint.largeBodyLimit, response: DecisionSchemas.judgements, otherAnswers: [.conflict],
        handle: decide),
      Endpoint(
        .post, "/api/ml/battle-hardened/feedback", operationID: "feedback",
        summary: "Stores an ad's actual figures for a day, replacing what was known of that day.", tag: "Decisions",
        access: .role(.operator), request: DecisionSchemas.feedbackRequest, response: DecisionSchemas.feedback,
        handle: feedback),
      Endpoint(
        .get, "/api/decisions/{decision_id}", operationID: "getDecision",
        summary: "A stored decision with all inputs and results.", tag: "Decisions", access: .role(.viewer),
        response: DecisionSchemas.stored, handle: stored),
      Endpoint(
        .get, "/api/accounts/{account_id}/learned-stages", operationID: "getLearnedStages",
        summary:
          "What the account's own history shows about the worth of its stages and how long deals stay in them, with "
          + "ranges, beside what is configured.",
        tag: "Decisions", access: .role(.viewer), response: DecisionSchemas.learnedStages, handle: learnedStages),
    ]
  }

  @Sendable private func select(_ call: Call) async throws -> Reply {
    let caller = try call.caller()
    let request = try await read(call, caller, needsBudget: true)
    if let ads = request.ads {
      let sampler = try await ConfiguredPolicies(of: caller.accountID, accounts)
      let configuration = sampler.configuration
      let inputs = SelectionInputs(
        policy: request.policy, ads: ads, now: clock(),
        totalBudget: try SelectionInputs.minorUnits(ofTotal: request.totalBudget, in: configuration.currency),
        dnaScores: request.dnaScores, seed: request.seed ?? SelectionInputs.randomSeed())
      return try await compute.run(of: caller.accountID, .deciding(ads.count, request.policy)) {
        Reply(json: SelectionCoding(configuration).answer(try sampler.select(inputs)))
      }
    }
    var order = DecisionService.Order(account: caller.accountID, totalBudget: request.totalBudget)
    order.author = caller.actor
    order.seed = request.seed
    order.dnaScores = request.dnaScores
    order.policy = request.policy
    return Reply(json: try await decisions.decide(order).answer)
  }

  private func read(_ call: Call, _ caller: Principal, needsBudget: Bool) async throws -> SelectRequest {
    try await compute.run(of: caller.accountID, .reading(call.body.count)) {
      try SelectRequest.read(call.body, caller: caller, needsBudget: needsBudget)
    }
  }

  @Sendable private func decide(_ call: Call) async throws -> Reply {
    let caller = try call.caller()
    let request = try await read(call, caller, needsBudget: false)
    guard let given = request.ads else {
      let stored = try await decisions.running(of: caller.accountID, withHistory: request.policy == .lagAware)
      return try await judgements(
        stored.sampler, request.policy, stored.known.running, stored.known.history, at: stored.known.at,
        stored.basis)
    }
    let sampler = try await ConfiguredPolicies(of: caller.accountID, accounts)
    let currency = sampler.configuration.currency
    guard !given.isEmpty else { throw DecisionError.selection(.noAds, currency) }
    if let twice = Dictionary(grouping: given, by: \.adID).first(where: { $1.count > 1 }) {
      throw DecisionError.selection(.duplicateAd(twice.key), currency)
    }
    return try await judgements(sampler, request.policy, given, nil, at: clock(), nil)
  }

  private func judgements(
    _ sampler: ConfiguredPolicies, _ policy: Policy, _ ads: [AdState], _ history: FunnelTallies?, at now: Instant,
    _ basis: DecisionBasis?
  ) async throws -> Reply {
    let count = max(ads.count, history?.ads.count ?? 0)
    return try await compute.run(of: sampler.account, .deciding(count, policy)) {
      guard policy == .lagAware else { return JudgementCoding.reply(ads, thresholds: sampler.thresholds, basis) }
      let outlooks = try sampler.outlooks(ads, history, at: now)
      return JudgementCoding.reply(ads, outlooks, mode: sampler.configuration.mode, basis)
    }
  }

  @Sendable private func learnedStages(_ call: Call) async throws -> Reply {
    let account = try call.ownAccount()
    let configuration = try await accounts.configuration(of: account)
    let history = try await ads.history(of: account, configuration: configuration, asOf: nil)
    let now = clock()
    return try await compute.run(of: account, .deciding(history?.ads.count ?? 0, .lagAware)) {
      let funnel = history.map { LearnedFunnel($0, now: now) }
      return Reply.object { json in
        json.member("account_id", account.value)
        json.member("currency", configuration.currency.code)
        json.member("decided_by", configuration.stageValues.rawValue)
        json.key("stages")
        if let funnel { LearnedFunnelCoding.write(funnel, to: &json) } else { json.array { _ in } }
      }
    }
  }

  @Sendable private func feedback(_ call: Call) async throws -> Reply {
    let caller = try call.caller()
    let day = try FeedbackCoding.read(call.body, caller: caller)
    return FeedbackCoding.reply(try await ads.feedback(day, of: caller.accountID, by: caller.actor))
  }

  @Sendable private func stored(_ call: Call) async throws -> Reply {
    let name = call.pathParameters["decision_id"] ?? ""
    guard let id = DecisionID(name) else { throw APIError.notFound("decision \(name)") }
    _ = try call.caller().ownAccount(named: id.accountID.value, field: "decision_id")
    let stored = try await decisions.stored(id)
    return try await compute.run(of: id.accountID, .reading(stored.byteCount)) { try Self.reply(stored) }
  }

  private static func reply(_ stored: StoredDecision) throws -> Reply {
    let record = stored.record
    return try Reply.object { json in
      json.member("decision_id", record.id.description)
      json.member("decided_at", record.decidedAt.description)
      json.member("author", record.author)
      json.member("policy", record.policyVersion)
      json.member("configuration_version", record.configurationVersion)
      json.member("result_note", stored.note)
      for (key, text) in [
        ("inputs", stored.inputs), ("configuration", record.configuration), ("result", stored.result),
      ] {
        // Stored JSON is passed on unchanged, once it is known to be valid.
        try record.read { try JSONReader.read(text) { try $0.skipValue() } }
        json.key(key)
        json.json(Array(text.utf8))
      }
    }
  }
}

/// The answer of `decide`.
enum JudgementCoding {
  static func reply(
    _ ads: [AdState], _ outlooks: [LagAwareRecommendation], mode: DecisionMode, _ basis: DecisionBasis?
  ) -> Reply {
    Reply.object { json in
      json.member("num_ads", ads.count)
      json.member("mode", mode.rawValue)
      if let basis { DecisionBasisCoding.write(basis, to: &json) }
      json.key("decisions")
      json.array { json in
        for (ad, recommendation) in zip(ads, outlooks) {
          json.object { json in
            json.member("ad_id", ad.adID.value)
            json.member("decision", recommendation.judgement.rawValue)
            json.member("rule", "outlook")
            json.member("reason", LagAwareReasons.outlook(of: recommendation))
            json.member("spend", ad.spend)
            json.member("days_live", ad.daysLive)
            json.member("pipeline_roas", ad.pipelineROAS)
            json.member("cash_roas", ad.cashROAS)
          }
        }
      }
    }
  }

  static func reply(_ ads: [AdState], thresholds: DecisionThresholds, _ basis: DecisionBasis?) -> Reply {
    let reasons = Reasons(thresholds)
    return Reply.object { json in
      json.member("num_ads", ads.count)
      json.member("mode", thresholds.mode.rawValue)
      if let basis { DecisionBasisCoding.write(basis, to: &json) }
      json.key("decisions")
      json.array { json in
        for ad in ads {
          let judgement = thresholds.judgement(on: ad)
          json.object { json in
            json.member("ad_id", ad.adID.value)
            json.member("decision", judgement.decision.rawValue)
            json.member("rule", judgement.rule.rawValue)
            json.member("reason", reasons.reason(for: judgement, ad: ad).text)
            json.member("spend", ad.spend)
            json.member("days_live", ad.daysLive)
            json.member("pipeline_roas", ad.pipelineROAS)
            json.member("cash_roas", ad.cashROAS)
          }
        }
      }
    }
  }
}
