import DecisionEngine
import Testing

@Suite struct BudgetVerdictTests {
  /// Current budget, recommended one, judgement and verdict, with a minimum of 100 and a limit of ±50 %.
  @Test(
    arguments: [
      (10_000, 15_000, .maintain, .scaleUp), (10_000, 10_101, .kill, .scaleUp), (10_000, 10_100, .maintain, .hold),
      (10_000, 9_900, .scale, .hold), (10_000, 9_899, .scale, .scaleDown), (10_000, 5_000, .scale, .scaleDown),
      (10_000, 5_000, .kill, .stop), (10_000, 4_000, .kill, .stop), (10_000, 5_001, .kill, .scaleDown),
      (100, 100, .kill, .stop), (50, 100, .kill, .stop), (0, 100, .kill, .stop), (0, 100, .maintain, .scaleUp),
      (10, 11, .maintain, .hold), (10.4, 12, .maintain, .scaleUp), (100, 101, .kill, .hold), (0, 500, .kill, .scaleUp),
    ] as [(Double, Int64, AdDecision, BudgetVerdict)])
  func agreesWithTheChange(current: Double, recommended: Int64, judgement: AdDecision, verdict: BudgetVerdict) {
    let bounds = BudgetBounds(current: current, minimum: 100, total: 100_000, maximumChange: 0.5)
    #expect(
      BudgetVerdict(current: current, recommended: recommended, bounds: bounds, judgement: judgement) == verdict)
  }

  @Test func namesAreThoseOfTheInterface() {
    #expect(BudgetVerdict.allCases.map(\.rawValue) == ["scale_up", "hold", "scale_down", "stop"])
  }

  @Test func aVersionIsReadFromItsName() {
    #expect(PolicyVersion("lag_aware/1") == .one)
    #expect(PolicyVersion("battle_hardened/2") == .two)
    #expect(PolicyVersion("lag_aware/3") == nil)
    #expect(PolicyVersion("lag_aware") == nil)
    #expect(PolicyVersion.current.text(of: "lag_aware") == "lag_aware/2")
  }
}
