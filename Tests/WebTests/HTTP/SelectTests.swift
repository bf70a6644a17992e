import Accounts
import App
import AppTestKit
import Decisions
import Formats
import HTTPTypes
import Measurement
import Storage
import TestKit
import Testing
import Values
import Web

/// `select` and what it answers.
struct SelectTests {
  static let path = "/api/ml/battle-hardened/select"
  private static let ads = """
    [{"ad_id": "A", "impressions": 1000, "clicks": 50, "spend": 300, "pipeline_value": 900, "cash_revenue": 0,
      "age_hours": 240},
     {"ad_id": "B", "impressions": 2000, "clicks": 10, "spend": "300.00", "pipeline_value": 30, "cash_revenue": 0,
      "age_hours": 12, "current_budget": null},
     {"ad_id": "C", "impressions": 0, "clicks": 0, "spend": 0, "pipeline_value": 0, "cash_revenue": 0,
      "age_hours": 0, "current_budget": 25}]
    """

  @Test("Ads of the request are weighed by the formulas, and nothing is stored")
  func adsOfTheRequest() async throws {
    let test = try await TestSystem()
    try await test.serving(as: .operator) { api in
      let before = try await test.dump()
      let body =
        #"{"ad_states": \#(Self.ads), "total_budget": 100, "seed": 42, "policy": "battle_hardened", "creative_dna_scores": {"A": 0.5}}"#
      let answer = try await api.post(Self.path, body).done()
      #expect(try answer.text("policy") == "battle_hardened/2")
      #expect(try answer.text("currency") == "USD")
      #expect(try answer.number("num_ads") == 3)
      #expect(try answer.number("seed") == 42)
      #expect(answer["decision_id"] == nil)
      let ad = try answer.at("recommendations.0")
      #expect(try ad.text("ad_id") == "A")
      #expect(try ad.number("current_budget") == 30)
      #expect(try ad.number("metrics.ctr") == 0.05)
      #expect(try ad.number("metrics.pipeline_roas") == 3)
      #expect(try abs(ad.number("metrics.ctr_weight") - 0.148975591) < 1e-6)
      #expect(try ad.number("metrics.normalized_ctr") == 1)
      #expect(try ad.number("metrics.normalized_roas") == 1)
      #expect(try ad.number("metrics.blended_score") == 1)
      #expect(try abs(ad.number("metrics.decay_factor") - 0.904837418) < 1e-9)
      #expect(try ad.number("metrics.dna_boost") == 1.1)
      #expect(try abs(ad.number("metrics.final_score") - 0.99532116) < 1e-8)
      #expect(try abs(ad.number("confidence") - 0.99844039) < 1e-8)
      #expect(ad["decision"] == nil)
      #expect(try answer.list("recommendations").map { try $0.text("judgement") } == ["maintain", "kill", "maintain"])
      #expect(
        try answer.list("recommendations").map { try $0.text("verdict") } == ["scale_down", "stop", "scale_down"])
      #expect(
        try answer.text("recommendations.1.reason")
          == "judged kill: pipeline ROAS 0.10 is under 0.50; cut below the daily change limit, because the total does not "
          + "suffice for all")
      #expect(try answer.number("recommendations.1.current_budget") == 300)
      #expect(try answer.number("recommendations.2.current_budget") == 25)
      let budgets = try answer.list("recommendations").map { try $0.number("recommended_budget") }
      #expect(try budgets.reduce(0, +) == answer.number("allocated_budget"))
      #expect(answer["binding_constraint"] == .null)
      #expect(
        try answer.list("recommendations").map { try $0.text("binding_constraint") }
          == ["max_daily_decrease", "total_budget", "max_daily_decrease"])
      #expect(
        try answer.text("note").hasPrefix(
          "the total is less than the daily change limit would leave the ads: 1 of 3 are cut"))
      #expect(budgets == [15, 72.5, 12.5])
      #expect(try await api.post(Self.path, body).bytes == api.post(Self.path, body).bytes)
      #expect(try await test.dump() == before)
    }
  }

  @Test("The account's stored ads are weighed where the request has none, and the decision is kept")
  func storedAds() async throws {
    let test = try await TestSystem()
    try await test.importText(
      "ad_id,date,impressions,clicks,spend\n1,2026-05-20,1000,10,50\n2,2026-05-20,1000,20,50\n", as: .adsCSV)
    try await test.serving(as: .operator) { api in
      let answer = try await api.post(
        Self.path,
        #"{"total_budget": "13.01", "seed": 5, "ad_states": null, "policy": "battle_hardened"}"#
      ).done()
      #expect(try answer.number("allocated_budget") == 13.01)
      #expect(answer["binding_constraint"] == .null || answer["binding_constraint"] == nil)
      let id = try answer.text("decision_id")
      let stored = try await api.with(key: test.system.keys.create(for: test.account, role: .viewer))
        .send(.get, "/api/decisions/\(id)").done()
      #expect(try stored.text("decision_id") == id)
      #expect(try stored.text("decided_at") == "\(test.clock.now())")
      #expect(try stored.number("configuration_version") == 1)
      #expect(try stored.number("inputs.total_budget_minor_units") == 1_301)
      #expect(try stored.number("result.allocated_budget") == 13.01)
      #expect(try stored.list("inputs.ad_states").map { try $0.text("ad_id") } == ["1", "2"])
      #expect(try stored.text("configuration.blending_curve") == "standard")
      #expect(try await test.rowCounts()["decisions"] == 1)
    }
  }

  @Test("Decisions of another account, and names that are none, cannot be read")
  func otherAccount() async throws {
    let test = try await TestSystem()
    try await test.importText("ad_id,date,impressions,clicks,spend\n1,2026-05-20,1000,10,50\n", as: .adsCSV)
    let id = try await test.decide("40").id
    let other = try #require(AccountID("other"))
    try await test.system.accounts.create(other)
    let key = try await test.system.keys.create(for: other, role: .admin)
    try await test.serving { api in
      let foreign = try await api.with(key: key).send(.get, "/api/decisions/\(id)").refusal()
      let absent = try await api.with(key: key).send(.get, "/api/decisions/acme:0000").refusal()
      #expect(foreign == absent)
      #expect(foreign.status == 403)
      #expect(try await api.send(.get, "/api/decisions/acme:0000").refusal().status == 404)
      #expect(try await api.send(.get, "/api/decisions/nonsense").refusal().status == 404)
      #expect(try await api.send(.get, "/api/decisions/\(id)").status == 200)
    }
  }

  @Test("decide judges the ads of the request, or the stored ones")
  func decide() async throws {
    let test = try await TestSystem()
    try await test.importText("ad_id,date,impressions,clicks,spend\n9,2026-05-20,1000,10,500\n", as: .adsCSV)
    try await test.serving(as: .operator) { api in
      let path = "/api/ml/battle-hardened/decide"
      let given = try await api.post(path, #"{"ad_states": \#(Self.ads), "policy": "battle_hardened"}"#)
        .done()
      #expect(try given.list("decisions").map { try $0.text("decision") } == ["maintain", "kill", "maintain"])
      #expect(
        try given.list("decisions").map { try $0.text("rule") } == [
          "between_thresholds", "below_kill_threshold", "ignorance_zone",
        ])
      #expect(try given.text("decisions.1.reason") == "pipeline ROAS 0.10 is under 0.50")
      #expect(try given.number("decisions.0.days_live") == 10)
      #expect(try given.text("mode") == "pipeline")
      let stored = try await api.post(path, #"{"policy": "battle_hardened"}"#).done()
      #expect(try stored.list("decisions").map { try $0.text("ad_id") } == ["9"])
      #expect(try stored.text("decisions.0.decision") == "kill")
      let expected = try await api.post(path, "{}").done()
      #expect(try expected.text("decisions.0.rule") == "outlook")
      #expect(try expected.text("decisions.0.reason").hasPrefix("1.00 more a day should bring back "))
      #expect(try await test.rowCounts()["decisions"] == 0)
    }
  }

  @Test("The lag-aware policy works from totals and says what it could not know")
  func lagAwareFromTotals() async throws {
    let test = try await TestSystem()
    try await test.serving(as: .operator) { api in
      let answer = try await api.post(Self.path, #"{"ad_states": \#(Self.ads), "total_budget": 355, "seed": 1}"#).done()
      #expect(try answer.text("policy") == "lag_aware/2")
      #expect(try answer.number("allocated_budget") == 355)
      #expect(try answer.text("note").contains("made from totals alone"))
      let ad = try answer.at("recommendations.0")
      #expect(try ad.number("outlook.marginal_return") > ad.number("outlook.marginal_return_low"))
      #expect(try ad.number("outlook.marginal_return") < ad.number("outlook.marginal_return_high"))
      #expect(try ad.number("outlook.marginal_return") > answer.number("recommendations.1.outlook.marginal_return"))
    }
  }

  @Test("What the account's history says of its stages stands beside what is configured")
  func learnedStages() async throws {
    let test = try await TestSystem()
    try await test.importText("id,dealstage,ad_id,createdate\nd1,lead,1,2026-05-20T10:00:00Z\n", as: .hubspotDeals)
    try await test.serving(as: .viewer) { api in
      let answer = try await api.send(.get, "/api/accounts/acme/learned-stages").done()
      #expect(try answer.text("decided_by") == "learned")
      #expect(
        try answer.list("stages").map { try $0.text("name") } == [
          "lead", "appointment_scheduled", "show_up", "closed_won",
        ])
      #expect(try answer.number("stages.0.waiting_deals") == 1)
      #expect(try answer.number("stages.1.configured_value") == 2_250)
      #expect(try answer.number("stages.1.learned_value.low") < answer.number("stages.1.learned_value.value"))
    }
  }
}
