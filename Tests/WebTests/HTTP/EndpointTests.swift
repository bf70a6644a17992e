import AppTestKit
import Formats
import HTTPTypes
import Measurement
import Storage
import Testing
import Values
import Web

/// The other endpoints' answers, figure by figure.
struct EndpointTests {
  private static let feedbackPath = "/api/ml/battle-hardened/feedback"

  @Test("The process lives and the database answers, without a key", arguments: [false, true])
  func health(_ live: Bool) async throws {
    let test = try await TestSystem()
    try await test.serving(live: live) { api in
      let health = try await api.with(key: nil).send(.get, "/healthz")
      #expect(health.text == #"{"status":"ok"}"#)
      let readiness = try await api.with(key: nil).send(.get, "/readyz").done()
      #expect(try readiness.text("status") == "ready")
    }
  }

  @Test("Feedback restates a day and judges the ad", arguments: [false, true])
  func feedback(_ live: Bool) async throws {
    let test = try await TestSystem()
    try await test.importText("id,dealstage,ad_id\nd,show_up,A\n", as: .hubspotDeals)
    try await test.serving(as: .operator, live: live) { api in
      let first = try await api.post(
        Self.feedbackPath,
        #"{"ad_id": "A", "date": "2026-05-01", "impressions": 1000, "clicks": 30, "#
          + #""spend": "3000.10", "ad_name": "Hook"}"#
      ).done()
      #expect(try first.number("ctr") == 0.03)
      #expect(try first.number("spend") == 3_000.1)
      #expect(try first.number("pipeline_value") == 9_000)
      #expect(try first.at("is_winner") == false)
      let restated = try await api.post(
        Self.feedbackPath,
        #"{"ad_id": "A", "date": "2026-05-01", "impressions": 1000, "clicks": 31, "spend": 2999, "cash_revenue": 12.5}"#
      ).done()
      #expect(try restated.number("impressions") == 1_000)
      #expect(try restated.number("clicks") == 31)
      #expect(try restated.number("cash_revenue") == 12.5)
      #expect(try restated.at("wins_by_ctr") == true)
      #expect(try restated.at("wins_by_roas") == true)
      let second = try await api.post(
        Self.feedbackPath,
        #"{"ad_id": "A", "date": "2026-05-02", "impressions": 1000, "clicks": 1, "#
          + #""spend": 1000.9, "account_id": "acme"}"#
      ).done()
      #expect(try second.number("impressions") == 2_000)
      #expect(try second.number("spend") == 3_999.9)
      #expect(try second.number("ctr") == 0.016)
      #expect(try second.at("is_winner") == false)
      #expect(try await test.rowCounts()["ad_daily_metrics"] == 2)
    }
  }

  @Test("A move is worth the difference of its stages")
  func calculate() async throws {
    let test = try await TestSystem()
    try await test.serving { api in
      let path = "/api/ml/synthetic-revenue/calculate"
      let moves: [(body: String, before: Double, after: Double, confidence: Double)] = [
        (#"{"stage_to": "appointment_scheduled"}"#, 0, 2_250, 0.6),
        (#"{"stage_from": "appointment_scheduled", "stage_to": "show_up"}"#, 2_250, 9_000, 0.85),
        (#"{"stage_from": "show_up", "stage_to": "closed_won"}"#, 9_000, 15_000, 1),
        (#"{"stage_from": "show_up", "stage_to": "closed_won", "deal_amount": "7000.25"}"#, 9_000, 7_000.25, 1),
        (#"{"stage_from": "Show Up", "stage_to": "closedlost", "deal_amount": 5}"#, 9_000, 0, 1),
      ]
      for move in moves {
        let answer = try await api.post(path, move.body).done()
        #expect(try answer.number("value_before") == move.before)
        #expect(try answer.number("value_after") == move.after)
        #expect(try answer.number("synthetic_revenue") == move.after - move.before)
        #expect(try answer.number("confidence") == move.confidence)
        #expect(try answer.text("currency") == "USD")
      }
    }
  }

  @Test("An ad's return is its deals' worth for each unit spent")
  func adROAS() async throws {
    let test = try await TestSystem()
    try await test.serving { api in
      let path = "/api/ml/synthetic-revenue/ad-roas"
      let answer = try await api.post(
        path,
        #"{"ad_id": "A", "spend": 1000, "deals": [{"stage": "show_up"}, {"stage": "closed_won", "amount": 500},"#
          + #"{"stage": "closed_won", "amount": null}, {"stage": "closed_lost", "amount": 9}]}"#
      ).done()
      #expect(try answer.number("num_deals") == 4)
      #expect(try answer.number("pipeline_value") == 24_500)
      #expect(try answer.number("cash_revenue") == 15_500)
      #expect(try answer.number("pipeline_roas") == 24.5)
      #expect(try answer.number("cash_roas") == 15.5)
      let free = try await api.post(path, #"{"ad_id": "A", "spend": 0, "deals": [{"stage": "show_up"}]}"#).done()
      #expect(try free.number("pipeline_roas") == 900_000)
      #expect(try await api.post(path, #"{"ad_id": "A", "spend": 0, "deals": []}"#).done().number("cash_roas") == 0)
    }
  }

  @Test("The account's stages are listed in their order")
  func stages() async throws {
    let test = try await TestSystem(currency: "EUR")
    try await test.serving(as: .viewer) { api in
      let answer = try await api.post("/api/ml/synthetic-revenue/get-stages", "{}").done()
      #expect(try answer.text("currency") == "EUR")
      #expect(try answer.number("aov") == 15_000)
      #expect(
        try answer.list("stages").map { try $0.text("name") } == [
          "lead", "appointment_scheduled", "show_up", "closed_won", "closed_lost",
        ])
      #expect(try answer.list("stages").map { try $0.number("value") } == [0, 2_250, 9_000, 15_000, 0])
    }
  }

  @Test("Wear is judged by stored days, the last fourteen, or by those given")
  func fatigue() async throws {
    let test = try await TestSystem()
    let days = (1...20).map { "A,2026-05-\($0 < 10 ? "0" : "")\($0),1000,\($0 == 20 ? 15 : 20),10\n" }.joined()
    try await test.importText("ad_id,date,impressions,clicks,spend\n" + days, as: .adsCSV)
    try await test.serving(as: .operator) { api in
      let path = "/api/ml/fatigue/check"
      let stored = try await api.post(path, #"{"ad_id": "A"}"#).done()
      #expect(try stored.text("status") == "FATIGUING")
      #expect(try stored.text("rule") == "ctr_decline")
      #expect(try stored.number("days") == 14)
      #expect(try abs(stored.number("ctr_change") + 0.25) < 1e-12)
      let day = { (clicks: Int, spend: Int, more: String) in
        #"{"impressions": 1000, "clicks": \#(clicks), "spend": \#(spend)\#(more)}"#
      }
      let cases = [
        ([day(20, 10, ""), day(20, 10, "")], "HEALTHY", "none"),
        ([day(20, 10, ""), day(20, 10, ""), day(20, 10, #", "frequency": 3.6"#)], "SATURATED", "warning"),
        ([day(20, 10, ""), day(20, 10, ""), day(20, 16, "")], "AUDIENCE_EXHAUSTED", "critical"),
        (Array(repeating: day(20, 10, ""), count: 7), "FATIGUING", "warning"),
        (Array(repeating: day(20, 10, ""), count: 6), "HEALTHY", "none"),
      ]
      for (days, status, level) in cases {
        let body = #"{"ad_id": "B", "daily_metrics": [\#(days.joined(separator: ","))]}"#
        let answer = try await api.post(path, body).done()
        #expect(try answer.text("status") == status)
        #expect(try answer.text("level") == level)
      }
    }
  }
}
