import DecisionEngine
import Testing

@Suite struct BudgetAllocationTests {
  private static func free(_ count: Int, total: Int64) -> [BudgetBounds] {
    Array(repeating: BudgetBounds(current: 0, minimum: 1, total: total, maximumChange: nil), count: count)
  }

  @Test(
    arguments: [
      ([1], 7, [7]), ([1, 1], 100, [50, 50]), ([1, 1], 101, [51, 50]), ([1, 1, 1], 100, [34, 33, 33]),
      ([1, 1, 1], 101, [34, 34, 33]), ([1, 3], 100, [25, 75]), ([0.7, 0.2, 0.1], 10, [7, 2, 1]),
      ([1, 2, 4], 100, [14, 29, 57]), ([1, 1, 1], 3, [1, 1, 1]), ([1_000, 1, 1], 12, [10, 1, 1]),
      ([1e-9, 2e-9], 30, [10, 20]), ([1e9, 2e9], 30, [10, 20]),
    ] as [([Double], Int64, [Int64])])
  func splitsByShare(shares: [Double], total: Int64, amounts: [Int64]) {
    let allocation = BudgetAllocation(total: total, shares: shares, bounds: Self.free(shares.count, total: total))
    #expect(allocation.amounts == amounts)
    #expect(allocation.shortfall == nil)
  }

  /// Two ads at 100 each with a limit of ±50 %, by total; a third of the share is the first's.
  @Test(
    arguments: [
      (99, [50, 50], .maximumDailyDecrease), (100, [50, 50], nil), (101, [50, 51], nil), (150, [50, 100], nil),
      (165, [55, 110], nil), (225, [75, 150], nil), (226, [76, 150], nil), (299, [149, 150], nil),
      (300, [150, 150], nil),
      (301, [150, 150], .maximumDailyIncrease),
    ] as [(Int64, [Int64], BindingConstraint?)])
  func boundsHoldTheSplit(total: Int64, amounts: [Int64], shortfall: BindingConstraint?) {
    let bounds = BudgetBounds(current: 100, minimum: 1, total: total, maximumChange: 0.5)
    let allocation = BudgetAllocation(total: total, shares: [1, 2], bounds: [bounds, bounds])
    #expect(allocation.amounts == amounts)
    #expect(allocation.shortfall == shortfall)
  }

  /// The reference caps after the split and loses the rest; here the others take it.
  @Test func whatACapCutsOffGoesToTheOthers() {
    let capped = BudgetBounds(current: 100, minimum: 1, total: 1_000, maximumChange: 0.5)
    let free = BudgetBounds(current: 0, minimum: 1, total: 1_000, maximumChange: nil)
    let allocation = BudgetAllocation(total: 1_000, shares: [2, 1, 1], bounds: [capped, free, free])
    #expect(allocation.amounts == [150, 425, 425])
    #expect(allocation.shortfall == nil)
  }

  @Test func manyHugeLowerBoundsDoNotOverflow() {
    let bounds = BudgetBounds(current: 1e300, minimum: 1, total: 100, maximumChange: 0.5)
    let allocation = BudgetAllocation(total: 100, shares: [1, 1, 1], bounds: [bounds, bounds, bounds])
    #expect(allocation.shortfall == .maximumDailyDecrease)
    #expect(allocation.amounts == Array(repeating: bounds.lower, count: 3))
  }

  @Test(
    arguments: [
      (100, 99.9, .minimumBudget), (100, 100, nil), (100, 100.1, nil), (150, 120, nil), (200, 199.9, nil),
      (200, 200, nil), (200, 200.1, .maximumDailyIncrease), (150, 300, nil),
    ] as [(Int64, Double, BindingConstraint?)])
  func namesTheBoundThatHolds(amount: Int64, wanted: Double, expected: BindingConstraint?) throws {
    let bounds = BudgetBounds(current: 100, minimum: 100, total: 1_000, maximumChange: 1)
    try #require(bounds.lower == 100 && bounds.upper == 200)
    #expect(BudgetAllocation.binding(amount: amount, wanted: wanted, bounds: bounds) == expected)
  }

  /// Two thousand splits with shares that differ by up to a million times, checked for one common scale.
  @Test func everySplitHasOneScale() {
    var random = RandomStream(seed: 52)
    for _ in 0..<2_000 {
      let count = Int.random(in: 1...40, using: &random)
      let shares = (0..<count).map { _ in random.logUniform(1e-3, 1e3) }
      let currents = (0..<count).map { _ in random.pick([0, random.logUniform(1, 1e6)]) }
      let limit = random.pick(SelectionCase.limits)
      let total = max(Int64(count), Int64(currents.reduce(1_000, +) * random.logUniform(0.2, 4)))
      let bounds = currents.map { BudgetBounds(current: $0, minimum: 1, total: total, maximumChange: limit) }
      let allocation = BudgetAllocation(total: total, shares: shares, bounds: bounds)
      let least = bounds.reduce(0) { $0 + $1.lower }
      let most = bounds.reduce(0) { $0 + $1.upper }
      #expect(allocation.amounts.reduce(0, +) == min(max(total, least), most))
      #expect((allocation.shortfall == nil) == (least...most).contains(total))
      #expect(zip(allocation.amounts, bounds).allSatisfy { $0 >= $1.lower && $0 <= $1.upper })
      guard allocation.shortfall == nil else { continue }
      var (low, high) = (0.0, Double.infinity)
      for (index, amount) in allocation.amounts.enumerated() {
        if amount < bounds[index].upper { high = min(high, Double(amount + 1) / shares[index]) }
        if amount > bounds[index].lower { low = max(low, Double(amount - 1) / shares[index]) }
      }
      #expect(low <= high * (1 + 1e-12), "no scale fits \(shares), \(bounds): \(allocation.amounts)")
    }
  }
}
