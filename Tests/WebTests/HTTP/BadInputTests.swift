import AppTestKit
import Formats
import HTTPTypes
import Testing
import Values
import Web

/// Requests that break rules: each is answered in the one shape, names the field, and stores nothing.
struct BadInputTests {
  struct BadBody: CustomTestStringConvertible, Sendable {
    let path: String
    let body: String
    let status: Int
    let fields: [String]

    init(_ path: String, _ body: String, _ status: Int = 422, _ fields: String...) {
      self.path = path
      self.body = body
      self.status = status
      self.fields = fields
    }

    var testDescription: String { "\(path.split(separator: "/").last ?? "") \(body.prefix(120))" }
  }

  private static func ad(_ changes: String = "", without: String = "") -> String {
    let members = [
      "ad_id": #""A""#, "impressions": "100", "clicks": "5", "spend": "10", "pipeline_value": "1",
      "cash_revenue": "0", "age_hours": "5",
    ]
    let kept = members.filter { key, _ in key != without && !changes.hasPrefix("\"\(key)\"") }
    let text = kept.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }
    return "{\((text + (changes.isEmpty ? [] : [changes])).joined(separator: ", "))}"
  }

  private static func select(_ body: String, _ status: Int = 422, _ field: String) -> BadBody {
    BadBody(SelectTests.path, body, status, field)
  }

  private static func selectAd(_ change: String, _ field: String) -> BadBody {
    select(#"{"total_budget": 10, "ad_states": [\#(ad()), \#(ad(change))]}"#, "ad_states[1].\(field)")
  }

  private static func select(_ body: String, _ field: String) -> BadBody { select(body, 422, field) }

  private static let deep = String(repeating: "[", count: 2_000) + String(repeating: "]", count: 2_000)

  static let selectBodies =
    [
      select(#"{"ad_states": [\#(ad())], "total_budget": 0}"#, "total_budget"),
      select(#"{"ad_states": [\#(ad())], "total_budget": -5}"#, "total_budget"),
      select(#"{"ad_states": [\#(ad())], "total_budget": 10.001}"#, "total_budget"),
      select(#"{"ad_states": [\#(ad())], "total_budget": "much"}"#, "total_budget"),
      select(#"{"ad_states": [\#(ad())], "total_budget": "1e2"}"#, "total_budget"),
      select(#"{"ad_states": [\#(ad())], "total_budget": true}"#, "total_budget"),
      select(#"{"ad_states": [\#(ad())], "total_budget": null}"#, "total_budget"),
      select(#"{"ad_states": [\#(ad())], "total_budget": 1000000001}"#, "total_budget"),
      select(#"{"ad_states": [\#(ad())], "total_budget": 0.5}"#, "total_budget"),
      select(#"{"ad_states": [\#(ad())], "total_budget": [10]}"#, "total_budget"),
      select(#"{"ad_states": [\#(ad())]}"#, "total_budget"),
      select(#"{"ad_states": [\#(ad())], "total_budget": 1e400}"#, "body"),
      select(#"{"ad_states": [], "total_budget": 10}"#, "ad_states"),
      select(#"{"ad_states": {}, "total_budget": 10}"#, "ad_states"),
      select(#"{"ad_states": "A", "total_budget": 10}"#, "ad_states"),
      select(#"{"ad_states": [\#(ad()), \#(ad())], "total_budget": 10}"#, "ad_states"),
      select(#"{"total_budget": 10}"#, "ad_states"),
      select(#"{"ad_states": [\#(ad())], "total_budget": 10, "budget": 1}"#, "budget"),
      select(#"{"ad_states": [\#(ad())], "total_budget": 10, "policy": "bold"}"#, "policy"),
      select(#"{"ad_states": [\#(ad())], "total_budget": 10, "policy": 1}"#, "policy"),
      select(#"{"ad_states": [\#(ad())], "total_budget": 10, "seed": -1}"#, "seed"),
      select(#"{"ad_states": [\#(ad())], "total_budget": 10, "seed": 1.5}"#, "seed"),
      select(#"{"ad_states": [\#(ad())], "total_budget": 10, "seed": 9007199254740992}"#, "seed"),
      select(#"{"ad_states": [\#(ad())], "total_budget": 10, "creative_dna_scores": []}"#, "creative_dna_scores"),
      select(
        #"{"ad_states": [\#(ad())], "total_budget": 10, "creative_dna_scores": {"A": 1.1}}"#, "creative_dna_scores.A"),
      select(
        #"{"ad_states": [\#(ad())], "total_budget": 10, "creative_dna_scores": {"A": -0.1}}"#, "creative_dna_scores.A"),
      select(
        #"{"ad_states": [\#(ad())], "total_budget": 10, "policy": "battle_hardened", "creative_dna_scores": {"B": 0.5}}"#,
        "creative_dna_scores.B"),
      select(
        #"{"ad_states": [\#(ad())], "total_budget": 10, "creative_dna_scores": {"A": 0.5}}"#, "creative_dna_scores"),
      select(
        #"{"ad_states": [\#(ad())], "total_budget": 10, "creative_dna_scores": {"A": "1"}}"#, "creative_dna_scores.A"),
      select(#"{"ad_states": [\#(ad())], "total_budget": 10, "account_id": 7}"#, "account_id"),
      select(#"{"ad_states": [\#(ad())], "total_budget": 10, "account_id": "other"}"#, 403, "account_id"),
      select(#"{"policy": \#(deep), "total_budget": 10}"#, "body"),
      select("[1]", "body"), select("null", "body"), select("\"x\"", "body"),
      select(#"{"total_budget": 10, "total_budget": 10}"#, "body"),
      selectAd(#""impressions": -1"#, "impressions"), selectAd(#""impressions": "100""#, "impressions"),
      selectAd(#""impressions": 1.5"#, "impressions"), selectAd(#""impressions": 1e13"#, "impressions"),
      selectAd(#""impressions": null"#, "impressions"), selectAd(#""clicks": 101"#, "clicks"),
      selectAd(#""clicks": []"#, "clicks"), selectAd(#""spend": -0.01"#, "spend"), selectAd(#""spend": "x""#, "spend"),
      selectAd(#""spend": 1e10"#, "spend"), selectAd(#""pipeline_value": -1"#, "pipeline_value"),
      selectAd(#""cash_revenue": {}"#, "cash_revenue"), selectAd(#""age_hours": -1"#, "age_hours"),
      selectAd(#""age_hours": "5""#, "age_hours"), selectAd(#""ad_id": 7"#, "ad_id"),
      selectAd(#""ad_id": """#, "ad_id"),
      selectAd(#""ad_id": "\#(String(repeating: "x", count: 129))""#, "ad_id"),
      selectAd(#""current_budget": -1"#, "current_budget"), selectAd(#""budget": 1"#, "budget"),
    ]
    + ["ad_id", "impressions", "clicks", "spend", "pipeline_value", "cash_revenue", "age_hours"].map {
      select(#"{"total_budget": 10, "ad_states": [\#(ad(without: $0))]}"#, "ad_states[0].\($0)")
    }

  static let otherBodies = [
    BadBody("/api/ml/battle-hardened/decide", #"{"total_budget": 10}"#, 422, "total_budget"),
    BadBody("/api/ml/battle-hardened/decide", "{}", 422, "ad_states"),
    BadBody("/api/ml/battle-hardened/decide", #"{"ad_states": [\#(ad()), \#(ad())]}"#, 422, "ad_states"),
    BadBody("/api/ml/battle-hardened/decide", #"{"ad_states": [1]}"#, 422, "ad_states[0]"),
    BadBody("/api/ml/battle-hardened/decide", #"{"account_id": "other"}"#, 403, "account_id"),
    BadBody(
      "/api/ml/battle-hardened/feedback", "{}", 422, "ad_id", "date", "impressions", "clicks", "spend"),
    BadBody("/api/ml/battle-hardened/feedback", feedback(#""date": "5/1/2026""#), 422, "date"),
    BadBody("/api/ml/battle-hardened/feedback", feedback(#""date": "2026-02-30""#), 422, "date"),
    BadBody("/api/ml/battle-hardened/feedback", feedback(#""clicks": 11"#), 422, "clicks"),
    BadBody("/api/ml/battle-hardened/feedback", feedback(#""spend": -1"#), 422, "spend"),
    BadBody("/api/ml/battle-hardened/feedback", feedback(#""frequency": -1"#), 422, "frequency"),
    BadBody("/api/ml/battle-hardened/feedback", feedback(#""reach": 1.5"#), 422, "reach"),
    BadBody("/api/ml/battle-hardened/feedback", feedback(#""won_deals": 1"#), 422, "won_deals"),
    BadBody("/api/ml/battle-hardened/feedback", feedback(#""account_id": "other""#), 403, "account_id"),
    BadBody("/api/ml/synthetic-revenue/calculate", "{}", 422, "stage_to"),
    BadBody("/api/ml/synthetic-revenue/calculate", #"{"stage_to": "nowhere"}"#, 422, "stage_to"),
    BadBody("/api/ml/synthetic-revenue/calculate", #"{"stage_to": "lead", "stage_from": "x"}"#, 422, "stage_from"),
    BadBody("/api/ml/synthetic-revenue/calculate", #"{"stage_to": "lead", "deal_amount": -1}"#, 422, "deal_amount"),
    BadBody("/api/ml/synthetic-revenue/calculate", #"{"stage_to": "lead", "amount": 1}"#, 422, "amount"),
    BadBody("/api/ml/synthetic-revenue/calculate", #"{"stage_to": "lead", "account_id": "x"}"#, 403, "account_id"),
    BadBody("/api/ml/synthetic-revenue/ad-roas", "{}", 422, "ad_id", "spend", "deals"),
    BadBody("/api/ml/synthetic-revenue/ad-roas", roas(#"[{"amount": 5}]"#), 422, "deals[0].stage"),
    BadBody("/api/ml/synthetic-revenue/ad-roas", roas(#"[{"stage": "lead"}, {"stage": "x"}]"#), 422, "deals[1].stage"),
    BadBody("/api/ml/synthetic-revenue/ad-roas", roas(#"[{"stage": "lead", "amount": -5}]"#), 422, "deals[0].amount"),
    BadBody("/api/ml/synthetic-revenue/ad-roas", roas("{}"), 422, "deals"),
    BadBody("/api/ml/synthetic-revenue/get-stages", #"{"stage": 1}"#, 422, "stage"),
    BadBody("/api/ml/synthetic-revenue/get-stages", #"{"account_id": "other"}"#, 403, "account_id"),
    BadBody("/api/ml/fatigue/check", "{}", 422, "ad_id"),
    BadBody("/api/ml/fatigue/check", #"{"ad_id": "nobody"}"#, 404),
    BadBody("/api/ml/fatigue/check", #"{"ad_id": "A", "daily_metrics": []}"#, 422, "daily_metrics"),
    BadBody("/api/ml/fatigue/check", #"{"ad_id": "A", "daily_metrics": {}}"#, 422, "daily_metrics"),
    BadBody(
      "/api/ml/fatigue/check", #"{"ad_id": "A", "daily_metrics": [{"impressions": 1, "clicks": 2, "spend": 0}]}"#, 422,
      "daily_metrics[0].clicks"),
    BadBody(
      "/api/ml/fatigue/check",
      #"{"ad_id": "A", "daily_metrics": [{"date": "2026-05-02", "impressions": 1, "clicks": 1, "spend": 0}, "#
        + #"{"date": "2026-05-01", "impressions": 1, "clicks": 1, "spend": 0}]}"#, 422, "daily_metrics[1].date"),
  ]

  private static func feedback(_ change: String) -> String {
    let members = [
      "ad_id": #""A""#, "date": #""2026-05-01""#, "impressions": "10", "clicks": "5", "spend": "10",
    ].filter { key, _ in !change.hasPrefix("\"\(key)\"") }
    return "{\((members.map { "\"\($0.key)\": \($0.value)" } + [change]).joined(separator: ", "))}"
  }

  private static func roas(_ deals: String) -> String { #"{"ad_id": "A", "spend": 1, "deals": \#(deals)}"# }

  @Test("A bad body is refused by name and stores nothing", arguments: selectBodies + otherBodies)
  func badBody(_ bad: BadBody) async throws {
    let test = try await TestSystem()
    try await test.serving(as: .operator) { api in
      let before = try await test.dump()
      let refusal = try await api.post(bad.path, bad.body).refusal()
      #expect(refusal.status == bad.status, "\(refusal)")
      #expect(refusal.fields == bad.fields, "\(refusal)")
      #expect(!refusal.message.isEmpty)
      #expect(try await test.dump() == before)
    }
  }

  @Test("A request names at most 20,000 ads")
  func tooManyAds() async throws {
    let test = try await TestSystem()
    try await test.serving { api in
      let ads = (0...20_000).map { Self.ad(#""ad_id": "\#($0)""#) }.joined(separator: ",")
      let refusal = try await api.post(SelectTests.path, #"{"total_budget": 90000, "ad_states": [\#(ads)]}"#).refusal()
      #expect(refusal.status == 422)
      #expect(refusal.fields == ["ad_states"])
    }
  }

  @Test("Several faults are named together, at most twenty")
  func manyFaults() async throws {
    let test = try await TestSystem()
    try await test.serving { api in
      let ads = (0..<30).map { _ in Self.ad(#""clicks": -1"#) }.joined(separator: ",")
      let refusal = try await api.post(SelectTests.path, #"{"total_budget": -1, "ad_states": [\#(ads)]}"#).refusal()
      #expect(refusal.fields == ["total_budget"] + (0..<19).map { "ad_states[\($0)].clicks" })
    }
  }

  @Test(
    "An unknown field is refused even when it is null",
    arguments: [
      ("/api/ml/battle-hardened/select", #"{"total_budget": 10, "x": null}"#),
      ("/api/ml/battle-hardened/decide", #"{"x": null}"#),
      ("/api/ml/battle-hardened/feedback", feedback(#""x": null"#)),
      ("/api/ml/fatigue/check", #"{"ad_id": "A", "x": null}"#),
      ("/api/ml/synthetic-revenue/calculate", #"{"stage_to": "lead", "x": null}"#),
      ("/api/ml/synthetic-revenue/get-stages", #"{"x": null}"#),
      ("/api/accounts/acme/configuration", #"{"x": null}"#),
    ])
  func unknownNull(path: String, body: String) async throws {
    let test = try await TestSystem()
    try await test.serving { api in
      let method: HTTPRequest.Method = path.hasSuffix("configuration") ? .put : .post
      let refusal = try await api.send(method, path, body).refusal()
      #expect(refusal.status == 422)
      #expect(refusal.fields == ["x"])
    }
  }
}
