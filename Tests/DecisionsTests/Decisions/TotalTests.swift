import App
import AppTestKit
import DecisionEngine
import Decisions
import Measurement
import SampleData
import Storage
import Testing
import Values
import Web

/// A split of stored ads never exceeds its total, by either policy.
struct TotalTests {
  @Test(
    "The budgets sum to a total that the daily change limit would exceed", arguments: ["lag_aware", "battle_hardened"])
  func small(_ policy: String) async throws {
    let test = try await TestSystem()
    try await test.system.addSample(test.account, seed: 3)
    let decided = try await test.decide("60") { $0.policy = try #require(Policy(rawValue: policy)) }
    #expect(decided.selection.allocatedBudget == 6_000)
    #expect(decided.selection.shortfall == nil)
    #expect(decided.selection.budgets.allSatisfy { $0.budget >= 100 })
    let note = try #require(Reasons.note(on: decided.selection, nil, currency: .usd))
    #expect(note.contains("the total is less than the daily change limit would leave the ads"))
    #expect(try await test.system.decisions.replay(decided.id).isIdentical)
  }

  @Test("A decision of a version that is not known says so")
  func unknownVersion() async throws {
    let test = try await TestSystem()
    try await test.system.addSample(test.account, seed: 3)
    let decided = try await test.decide("600")
    _ = try await test.system.database.write { try $0.execute("UPDATE decisions SET policy_version = 'lag_aware/9'") }
    let error = await #expect(throws: DecisionError.self) { try await test.system.decisions.replay(decided.id) }
    #expect(error?.apiError.status == .conflict)
    #expect(error?.description.contains("lag_aware/9") == true)
  }
}
