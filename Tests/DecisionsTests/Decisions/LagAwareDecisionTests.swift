import Accounts
import App
import AppTestKit
import DecisionEngine
import Decisions
import Measurement
import SampleData
import Storage
import Testing
import Values

/// Decisions of the lag-aware policy on stored figures.
struct LagAwareDecisionTests {
  private static func system() async throws -> TestSystem {
    let test = try await TestSystem()
    try await test.system.addSample(test.account, seed: 3)
    return test
  }

  @Test("A decision replays to the bit from what is stored, whatever becomes known later")
  func replays() async throws {
    let test = try await Self.system()
    let decided = try await test.decide("600") { $0.policy = .lagAware }
    #expect(decided.selection.policyVersion == "lag_aware/2")
    #expect(decided.selection.allocatedBudget == 60_000)
    try await test.importText(
      "ad_id,date,impressions,clicks,spend\n120210000000001,2026-05-20,100,100,500\n", as: .adsCSV)
    try await test.configure(#"{"exploration": 0.9, "stage_values": "configured"}"#)
    #expect(try await test.system.decisions.replay(decided.id).isIdentical)
  }

  @Test("The counts kept with each deal are those of all deals counted anew")
  func counts() async throws {
    let test = try await Self.system()
    try await test.importText(
      "id,dealstage,ad_id,createdate\nnew,show_up,120210000000002,2026-05-01T10:00:00Z\n", as: .hubspotDeals)
    let configuration = try await test.system.accounts.configuration(of: test.account)
    let kept = try await test.system.ads.history(of: test.account, configuration: configuration, asOf: nil)
    _ = try await test.system.database.write { try $0.execute("DELETE FROM funnel_states") }
    let anew = try await test.system.ads.history(of: test.account, configuration: configuration, asOf: nil)
    #expect(kept == anew)
    #expect(kept?.ads.isEmpty == false)
  }

  @Test("Stages that change their meaning are counted anew")
  func stagesChange() async throws {
    let test = try await Self.system()
    let stages = """
      [{"name": "lead", "value": 0, "confidence": 0.1, "kind": "open"},
       {"name": "appointment_scheduled", "value": 2250, "confidence": 0.6, "kind": "lost"},
       {"name": "show_up", "value": 9000, "confidence": 0.85, "kind": "open"},
       {"name": "closed_won", "value": 15000, "confidence": 1, "kind": "won"},
       {"name": "closed_lost", "value": 0, "confidence": 1, "kind": "lost"}]
      """
    let configuration = try await test.configure(#"{"stages": \#(stages)}"#)
    let history = try await test.system.ads.history(of: test.account, configuration: configuration, asOf: nil)
    #expect(history?.funnel.stages.map(\.name) == ["lead", "show_up", "closed_won"])
    #expect(history?.ads.values.contains { $0.steps[0].cohorts.contains { $0.lost > 0 } } == true)
  }
}
