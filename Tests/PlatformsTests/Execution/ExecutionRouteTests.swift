import Accounts
import App
import AppTestKit
import Execution
import Formats
import HTTPTypes
import Measurement
import Storage
import TestKit
import Testing
import Values
import Web

@testable import Platforms

@Suite("Execution over HTTP")
struct ExecutionRouteTests {
  private static let settings = "/api/accounts/acme/execution-settings"
  private static let amounts =
    #""holder_floor": 10, "holder_cap": "200", "account_floor": 50, "account_cap": 1000, "max_daily_spend": 1750"#

  @Test("A new account observes, and leaves that only with its amounts set")
  func settings() async throws {
    let test = try await TestSystem()
    try await test.serving { api in
      let first = try await api.send(.get, Self.settings).done()
      #expect(try first.text("mode") == "observe")
      #expect(try first.at("holder_cap") == .null)
      #expect(try first.number("version") == 0)
      let refusal = try await api.send(.put, Self.settings, #"{"mode": "approve"}"#).refusal()
      #expect(refusal.status == 422)
      #expect(refusal.fields == ["holder_floor"])
      let changed = try await api.send(.put, Self.settings, #"{"mode": "automatic", \#(Self.amounts)}"#).done()
      #expect(try changed.text("mode") == "automatic")
      #expect(try changed.number("holder_cap") == 200)
      #expect(try changed.number("version") == 1)
      let log = try await api.send(.get, "/api/audit-log").done().list("entries")
      #expect(try log.first?.text("action") == "execution_settings_changed")
      #expect(try log.first?.text("after.mode") == "automatic")
    }
  }

  @Test(
    "A setting that breaks a rule is named, and nothing changes",
    arguments: [
      (#"{"holder_cap": 1.005}"#, "holder_cap"), (#"{"budget_edits_per_hour": 5}"#, "budget_edits_per_hour"),
      (#"{"max_daily_change": 0}"#, "max_daily_change"), (#"{"change_hours": "never"}"#, "change_hours"),
      (#"{"quiet_from": 24}"#, "quiet_from"), (#"{"cooldown_minutes": 3000}"#, "learning_cooldown_minutes"),
      (#"{"holder_floor": 5, "holder_cap": 4}"#, "holder_floor"), (#"{"daily_budget": 0}"#, "daily_budget"),
      (#"{"limit": 1}"#, "limit"),
    ])
  func badSettings(_ body: String, _ field: String) async throws {
    let test = try await TestSystem()
    try await test.serving { api in
      let refusal = try await api.send(.put, Self.settings, body).refusal()
      #expect(refusal.status == 422)
      #expect(refusal.fields == [field])
      let answer1 = try await api.send(.get, Self.settings).done()
      #expect(try answer1.number("version") == 0)
    }
  }

  @Test("Amounts of a currency without decimals have none")
  func yen() async throws {
    let test = try await TestSystem(currency: "JPY")
    try await test.serving { api in
      #expect(try await api.send(.put, Self.settings, #"{"holder_cap": 5000.5}"#).refusal().status == 422)
      let answer2 = try await api.send(.put, Self.settings, #"{"holder_cap": 5000}"#).done()
      #expect(try answer2.number("holder_cap") == 5_000)
    }
  }

  @Test("A viewer sees, an operator approves and stops, an admin sets limits and resumes")
  func roles() async throws {
    let bench = try await ExecutionBench()
    let change = try #require(try await bench.propose(["21": 9_000]).first)
    let one = "/api/ad-changes/\(change.id)"
    try await bench.test.serving(as: .viewer) { api in
      let answer3 = try await api.send(.get, one).done()
      #expect(try answer3.text("state") == "proposed")
      let answer4 = try await api.send(.get, "/api/ad-changes?state=proposed").done()
      #expect(try answer4.list("changes").count == 1)
      #expect(try await api.send(.get, Self.settings).status == 200)
      for path in [one + "/approve", one + "/reject", one + "/rollback", "/api/execution/stop"] {
        #expect(try await api.send(.post, path).refusal().status == 403, "\(path)")
      }
    }
    try await bench.test.serving(as: .operator) { api in
      let approved = try await api.send(.post, one + "/approve").done()
      #expect(try approved.text("state") == "approved")
      #expect(try approved.list("history").map { try $0.text("event") } == ["proposed", "approved"])
      #expect(try await api.send(.post, one + "/approve").refusal().status == 409)
      let answer5 = try await api.send(.post, "/api/execution/stop?reason=fire").done()
      #expect(try answer5.text("stopped.reason") == "fire")
      #expect(try await api.send(.post, "/api/execution/resume").refusal().status == 403)
      #expect(try await api.send(.put, Self.settings, #"{"quiet_from": 1}"#).refusal().status == 403)
    }
    try await bench.test.serving(as: .admin) { api in
      let answer6 = try await api.send(.get, Self.settings).done()
      #expect(try answer6.text("stopped.reason") == "fire")
      let answer7 = try await api.send(.post, "/api/execution/resume").done()
      #expect(try answer7.at("stopped") == .null)
    }
  }

  @Test("A change is rejected with a reason, and one that was written is taken back")
  func rejectAndRollBack() async throws {
    let bench = try await ExecutionBench()
    let changes = try await bench.propose(["21": 9_000, "22": 4_500])
    try await bench.test.serving(as: .operator) { api in
      let rejected = try await api.send(.post, "/api/ad-changes/\(changes[0].id)/reject?reason=no").done()
      #expect(try rejected.text("state") == "rejected")
      let early = try await api.send(.post, "/api/ad-changes/\(changes[1].id)/rollback").refusal()
      #expect(early.status == 409)
      _ = try await api.send(.post, "/api/ad-changes/\(changes[1].id)/approve").done()
      try await bench.run()
      let back = try await api.send(.post, "/api/ad-changes/\(changes[1].id)/rollback").done()
      #expect(try back.text("rollback_of") == "\(changes[1].id)")
      #expect(try back.number("target_budget") == 50)
      #expect(try await api.send(.get, "/api/ad-changes/nothing").refusal().status == 404)
    }
  }

  @Test("A batch is shown with what was refused, approved, and taken back as a whole")
  func batches() async throws {
    let bench = try await ExecutionBench()
    let changes = try await bench.propose(["21": 9_000, "22": 4_500, "99": 1])
    let batch = "/api/ad-change-batches/\(changes[0].batchID)"
    try await bench.test.serving(as: .operator) { api in
      let shown = try await api.send(.get, batch).done()
      #expect(try shown.list("changes").map { try $0.text("object_id") } == ["11", "12"])
      #expect(try shown.text("refusals.0.code") == "unknown_object")
      let answer8 = try await api.send(.get, "/api/ad-change-batches").done()
      #expect(try answer8.list("batches").count == 1)
      let answer9 = try await api.send(.post, batch + "/approve").done()
      #expect(try answer9.number("num_changes") == 2)
      try await bench.run()
      let answer10 = try await api.send(.post, batch + "/rollback").done()
      #expect(try answer10.list("changes").count == 2)
      let answer11 = try await api.send(.post, batch + "/reject").done()
      #expect(try answer11.number("num_changes") == 0)
    }
    try await bench.run()
    #expect(bench.graph.daily("11") == 10_000)
    #expect(bench.graph.daily("12") == 5_000)
  }

  @Test("Without an ad account a decision is made and nothing proposed")
  func unconnected() async throws {
    let test = try await TestSystem()
    try await test.importText("ad_id,date,impressions,clicks,spend\n1,2026-05-27,1000,10,50\n", as: .adsCSV)
    try await test.serving(as: .operator) { api in
      let answer = try await api.post("/api/execution/optimize", #"{"total_budget": 20, "seed": 1}"#).done()
      #expect(try answer.text("decision_id").hasPrefix("acme:"))
      #expect(try answer.at("batch") == .null)
      #expect(try answer.text("summary").contains("no ad account is connected"))
      #expect(try await api.post("/api/execution/optimize", #"{"total": 20}"#).refusal().fields == ["total"])
    }
  }
}
