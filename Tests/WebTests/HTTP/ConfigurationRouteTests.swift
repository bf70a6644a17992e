import AppTestKit
import Formats
import HTTPTypes
import Measurement
import Storage
import Testing
import Web

/// Reading and changing an account's configuration over HTTP.
struct ConfigurationRouteTests {
  private static let path = "/api/accounts/acme/configuration"

  @Test("The configuration of a new account")
  func defaults() async throws {
    let test = try await TestSystem(timezone: "Europe/Berlin")
    try await test.serving(as: .viewer) { api in
      let answer = try await api.send(.get, Self.path).done()
      #expect(try answer.text("account_id") == "acme")
      #expect(try answer.number("version") == 1)
      #expect(try answer.number("aov") == 15_000)
      #expect(try answer.text("timezone") == "Europe/Berlin")
      #expect(try answer.text("mode") == "pipeline")
      #expect(try answer.number("kill_roas_threshold") == 0.5)
      #expect(try answer.number("scale_roas_threshold") == 3)
      #expect(try answer.number("max_daily_change") == 0.5)
      #expect(try answer.text("blending_curve") == "standard")
      #expect(try answer.list("stages").count == 5)
    }
  }

  @Test("A change is answered, stored and seen at once")
  func change() async throws {
    let test = try await TestSystem()
    try await test.serving { api in
      let answer = try await api.send(
        .put, Self.path, #"{"aov": "12000.50", "mode": "direct", "blending_curve": "0:1,24:0.5", "timezone": null}"#
      ).done()
      #expect(try answer.number("version") == 2)
      #expect(try answer.number("aov") == 12_000.5)
      #expect(try answer.text("blending_curve") == "0.0:1.0,24.0:0.5")
      #expect(try await api.send(.get, Self.path).done() == answer)
      let decided = try await api.post("/api/ml/battle-hardened/decide", #"{"ad_states": [\#(Self.ad)]}"#).done()
      #expect(try decided.text("mode") == "direct")
    }
  }

  private static let ad =
    #"{"ad_id": "A", "impressions": 1, "clicks": 0, "spend": 1, "#
    + #""pipeline_value": 0, "cash_revenue": 0, "age_hours": 1}"#

  static let badChanges: [(String, String)] = [
    (#"{"aov": 0}"#, "aov"), (#"{"aov": -1}"#, "aov"), (#"{"aov": "x"}"#, "aov"), (#"{"aov": 1e10}"#, "aov"),
    (#"{"aov": 0.0000001}"#, "aov"), (#"{"currency": "EURO"}"#, "currency"), (#"{"timezone": "Mars"}"#, "timezone"),
    (#"{"mode": "both"}"#, "mode"), (#"{"ignorance_zone_days": 366}"#, "ignorance_zone_days"),
    (#"{"kill_roas_threshold": 3.5}"#, "kill_roas_threshold"),
    (#"{"scale_roas_threshold": 0.4}"#, "kill_roas_threshold"),
    (#"{"max_daily_change": 0}"#, "max_daily_change"), (#"{"max_daily_change": "0.5"}"#, "max_daily_change"),
    (#"{"winner_ctr_threshold": 1.5}"#, "winner_ctr_threshold"), (#"{"blending_curve": "steep"}"#, "blending_curve"),
    (#"{"blending_curve": "0:2"}"#, "blending_curve"), (#"{"version": 9}"#, "version"), (#"{"name": 1}"#, "name"),
    (#"{"stages": []}"#, "stages.stages"), (#"{"stages": {}}"#, "stages"), (#"{"stages": [1]}"#, "stages[0].stage"),
    (#"{"stages": [{"name": "x", "value": 1, "confidence": 2, "kind": "won"}]}"#, "stages[0].confidence"),
    (#"{"stages": [{"name": "x", "value": -1, "confidence": 1, "kind": "won"}]}"#, "stages[0].value"),
    (#"{"stages": [{"name": "x", "value": 1, "confidence": 1, "kind": "sold"}]}"#, "stages[0].kind"),
    (#"{"stages": [{"name": "x", "value": 1, "confidence": 1}]}"#, "stages[0].kind"),
    (#"{"stages": [{"name": "--", "value": 1, "confidence": 1, "kind": "won"}]}"#, "stages.name"),
  ]

  @Test("A bad change is refused by name, and nothing changes", arguments: badChanges)
  func badChange(_ body: String, _ field: String) async throws {
    let test = try await TestSystem()
    try await test.serving { api in
      let before = try await test.dump()
      let refusal = try await api.send(.put, Self.path, body).refusal()
      #expect(refusal.status == 422)
      #expect(refusal.fields == [field], "\(refusal)")
      #expect(try await test.dump() == before)
    }
  }

  @Test("A change that the account's figures forbid is 409")
  func conflict() async throws {
    let test = try await TestSystem()
    try await test.importText("id,dealstage\n1,show_up\n", as: .hubspotDeals)
    try await test.serving { api in
      let before = try await test.dump()
      let stages = #"[{"name": "lead", "value": 1, "confidence": 1, "kind": "open"}]"#
      for body in [#"{"currency": "EUR"}"#, #"{"stages": \#(stages)}"#] {
        #expect(try await api.send(.put, Self.path, body).refusal().status == 409)
      }
      #expect(try await test.dump() == before)
    }
  }
}
