import DecisionEngine
import Testing

@Suite struct BudgetBoundsTests {
  /// Current budget, minimum, limit, and the bounds with their names, all of a total of 10,000.
  @Test(
    arguments: [
      // Without a budget or a limit only the minimum and the total count.
      (0, 100, 0.5, 100, 10_000, .minimumBudget, nil), (1_000, 100, nil, 100, 10_000, .minimumBudget, nil),
      (0, 100, nil, 100, 10_000, .minimumBudget, nil),
      // The limit counts both ways.
      (1_000, 100, 0.5, 500, 1_500, .maximumDailyDecrease, .maximumDailyIncrease),
      (1_000, 100, 0.1, 900, 1_100, .maximumDailyDecrease, .maximumDailyIncrease),
      (1_001, 100, 0.5, 501, 1_501, .maximumDailyDecrease, .maximumDailyIncrease),
      (1_000.4, 100, 0.5, 501, 1_500, .maximumDailyDecrease, .maximumDailyIncrease),
      (1_000, 100, 2, 100, 3_000, .minimumBudget, .maximumDailyIncrease),
      (1_000, 100, 10, 100, 11_000, .minimumBudget, .maximumDailyIncrease),
      (1_000, 100, 1, 100, 2_000, .minimumBudget, .maximumDailyIncrease),
      (20_000, 100, 0.25, 15_000, 25_000, .maximumDailyDecrease, .maximumDailyIncrease),
      // The minimum outranks the limit.
      (200, 100, 0.5, 100, 300, .minimumBudget, .maximumDailyIncrease),
      (198, 100, 0.5, 100, 297, .minimumBudget, .maximumDailyIncrease),
      (202, 100, 0.5, 101, 303, .maximumDailyDecrease, .maximumDailyIncrease),
      (10, 100, 0.5, 100, 100, .minimumBudget, .minimumBudget), (0.001, 1, 0.1, 1, 1, .minimumBudget, .minimumBudget),
      // A product that binary rounds to the wrong side of a whole unit.
      (8.2 * 100, 100, 0.5, 410, 1_230, .maximumDailyDecrease, .maximumDailyIncrease),
      (2.2 * 100, 100, 0.5, 110, 330, .maximumDailyDecrease, .maximumDailyIncrease),
      (100, 1, 0.15, 85, 115, .maximumDailyDecrease, .maximumDailyIncrease),
      (100, 1, 0.7, 30, 170, .maximumDailyDecrease, .maximumDailyIncrease),
    ] as [(Double, Int64, Double?, Int64, Int64, BindingConstraint, BindingConstraint?)])
  func boundsABudget(
    current: Double, minimum: Int64, limit: Double?, lower: Int64, upper: Int64,
    lowerConstraint: BindingConstraint, upperConstraint: BindingConstraint?
  ) {
    let bounds = BudgetBounds(current: current, minimum: minimum, total: 10_000, maximumChange: limit)
    #expect(bounds.lower == lower)
    #expect(bounds.upper == upper)
    #expect(bounds.lowerConstraint == lowerConstraint)
    #expect(bounds.upperConstraint == upperConstraint)
  }

  /// A range that holds no whole unit, such as 3.06...3.74, leaves the unit above it.
  @Test func aRangeWithoutAWholeUnitTakesTheNextOne() {
    let bounds = BudgetBounds(current: 3.4, minimum: 1, total: 100, maximumChange: 0.1)
    #expect(bounds.lower == 4)
    #expect(bounds.upper == 4)
    #expect(bounds.upperConstraint == .maximumDailyIncrease)
    let least = BudgetBounds(current: 1.2, minimum: 1, total: 100, maximumChange: 0.1)
    #expect(least.lower == 2)
    #expect(least.upper == 2)
    #expect(least.upperConstraint == .maximumDailyIncrease)
  }

  @Test(arguments: [0.1, 0.5, 1, 2, 10], [1e16, 1e19, 1e300, Double.greatestFiniteMagnitude, .infinity])
  func budgetsBeyondAllCountingDoNotBreakIt(limit: Double, current: Double) {
    let bounds = BudgetBounds(current: current, minimum: 100, total: 10_000, maximumChange: limit)
    #expect(bounds.lower >= 100)
    #expect(bounds.upper >= bounds.lower)
    #expect(bounds.upper > 10_000)
    #expect((bounds.lower == 100) == (limit >= 1))
  }

  @Test func cutsNeverReachBelowTheMinimumHoweverLargeTheLimit() {
    var random = RandomStream(seed: 51)
    for _ in 0..<5_000 {
      let (current, limit) = (random.logUniform(1e-9, 1e15), random.logUniform(1e-3, 10))
      let bounds = BudgetBounds(current: current, minimum: 100, total: 1_000_000, maximumChange: limit)
      let noise = max(1e-6, current * 1e-14)
      guard bounds.lower >= 100, bounds.upper >= bounds.lower,
        bounds.lower == 100 || abs(Double(bounds.lower) - (current * (1 - limit) + 0.5)) <= 0.5 + noise,
        bounds.upper == bounds.lower || abs(Double(bounds.upper) - (current * (1 + limit) - 0.5)) <= 0.5 + noise
      else {
        Issue.record("\(current) by \(limit) is \(bounds)")
        return
      }
    }
  }

  @Test func namesAreThoseOfTheInterface() {
    #expect(
      BindingConstraint.allCases.map(\.rawValue) == [
        "minimum_budget", "max_daily_increase", "max_daily_decrease", "total_budget",
      ])
  }
}
